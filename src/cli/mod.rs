//! The commands: what people type, watch and read.
//!
//! Lives here: arguments, progress, exit codes, the order of steps of each verb. Not here: how results are told
//! (`report`), what they are (`sim`), any rule of business. The commands ask the simulation through
//! [`simulator::Simulator`], so that they are tested with made-up results.

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::Parser;

mod against;
pub mod args;
mod campaign;
mod certify;
mod check;
mod close;
mod console;
mod discover;
pub mod exit;
mod import;
mod init;
mod interrupt;
mod ledger;
mod machine;
mod matching;
mod progress;
mod reconcile;
mod record;
mod replay;
mod run_once;
mod serve;
mod simulation;
pub mod simulator;
mod trouble;
mod try_it;
mod twin;

use args::{Arguments, Verb};
use console::Console;
use exit::Exit;
use interrupt::Interrupt;
use simulation::Simulation;
use simulator::Simulator;
use trouble::Trouble;

/// Parses the arguments, the program's name first, and does what they ask.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(refused) => {
            // Help and version are such errors too, with code 0. A closed stream leaves nothing to be said.
            let _ = refused.print();
            return u8::try_from(refused.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
    };
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let mut console = Console::new(&mut out, &mut err, arguments.talk);
    let interrupt = match arguments.verb {
        Verb::Certify(_) | Verb::Run(_) | Verb::Close(_) | Verb::Replay(_) | Verb::Try(_) | Verb::Twin(_) => {
            Interrupt::listen()
        }
        Verb::Import(_)
        | Verb::Match(_)
        | Verb::Ledger(_)
        | Verb::Check(_)
        | Verb::Serve(_)
        | Verb::Reconcile(_)
        | Verb::Init(_)
        | Verb::Schema => Interrupt::default(),
    };
    perform(&Simulation, &arguments.verb, &interrupt, &mut console).into()
}

/// Does what a verb asks, and tells what kept it from being done.
fn perform(simulator: &dyn Simulator, verb: &Verb, interrupt: &Interrupt, console: &mut Console<'_>) -> Exit {
    let done = match verb {
        Verb::Try(asked) => try_it::try_it(simulator, asked, interrupt, console),
        Verb::Run(asked) => run_once::run(simulator, asked, interrupt, console),
        Verb::Certify(asked) => certify::certify(simulator, asked, interrupt, console),
        Verb::Replay(asked) => replay::replay(simulator, asked, interrupt, console),
        Verb::Import(asked) => import::import(simulator, asked, console),
        Verb::Close(asked) => close::closing(simulator, asked, interrupt, console),
        Verb::Twin(asked) => twin::twin(asked, interrupt, console),
        Verb::Ledger(asked) => ledger::ledger(asked, console),
        Verb::Match(asked) => matching::matching(asked, console),
        Verb::Init(asked) => init::init(simulator, asked, console),
        Verb::Check(asked) => check::check_all(asked, console),
        Verb::Reconcile(asked) => reconcile::reconcile_live(asked, console),
        Verb::Serve(asked) => serve::serve(asked, console),
        Verb::Schema => console.data(simulator.schema()).map(|()| Exit::Held).map_err(Trouble::Output),
    };
    done.unwrap_or_else(|trouble| {
        // Whoever closed the stream, as `head` does, knows it.
        if !matches!(&trouble, Trouble::Output(cause) if cause.kind() == io::ErrorKind::BrokenPipe) {
            console.complain(&trouble.shown(console.err_ink));
        }
        trouble.exit()
    })
}

#[cfg(test)]
mod tests;

// Reads Shopify's introspected schema, validates every document of ours against it, and compares each type and field
// of our slices of it. Started by `tests/schema/check`, from the repository's root.

import { readFileSync, readdirSync, existsSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { NoDeprecatedCustomRule, buildClientSchema, parse, print, specifiedRules, validate } from "graphql";

const DOCUMENTS = "src/platforms/shopify/documents";
const SLICES = [`${DOCUMENTS}/schema.graphql`, "mocks/shopify/http/graphql/schema.graphql"];

const version = process.argv[2];
const file = `out/schema/node_modules/@shopify/dev-mcp/dist/data/admin_${version}.json.gz`;
if (!existsSync(file)) {
  console.error(`no schema of ${version}: the package @shopify/dev-mcp holds none of that name`);
  process.exit(2);
}
const official = buildClientSchema(JSON.parse(gunzipSync(readFileSync(file))).data, { assumeValid: true });

const findings = [];
const warnings = [];

const documents = readdirSync(DOCUMENTS).filter((name) => name.endsWith(".graphql") && name !== "schema.graphql");
for (const name of documents) {
  const document = parse(readFileSync(`${DOCUMENTS}/${name}`, "utf8"));
  for (const error of validate(official, document, specifiedRules)) findings.push(`${name}: ${error.message}`);
  for (const error of validate(official, document, [NoDeprecatedCustomRule])) warnings.push(`${name}: ${error.message}`);
}

let compared = 0;
function same(where, ours, theirs) {
  compared += 1;
  if (theirs === undefined) findings.push(`${where}: Shopify has none`);
  else if (ours !== theirs) findings.push(`${where}: ${ours}, Shopify has ${theirs}`);
}

// By syntax: a slice may leave scalars undeclared, and hold a part of a type only.
const KINDS = {
  ScalarTypeDefinition: "GraphQLScalarType",
  ObjectTypeDefinition: "GraphQLObjectType",
  InterfaceTypeDefinition: "GraphQLInterfaceType",
  UnionTypeDefinition: "GraphQLUnionType",
  EnumTypeDefinition: "GraphQLEnumType",
  InputObjectTypeDefinition: "GraphQLInputObjectType",
};
for (const slice of SLICES.filter(existsSync)) {
  for (const type of parse(readFileSync(slice, "utf8")).definitions) {
    if (!(type.kind in KINDS)) continue;
    const theirs = official.getType(type.name.value);
    const at = `${slice}: ${type.name.value}`;
    same(at, KINDS[type.kind], theirs?.constructor.name);
    if (theirs === undefined) continue;
    for (const { name } of type.values ?? []) same(`${at}.${name.value}`, name.value, theirs.getValue(name.value)?.name);
    for (const { name } of type.types ?? []) {
      const member = theirs.getTypes().find((known) => known.name === name.value);
      same(`${at} | ${name.value}`, name.value, member?.name);
    }
    for (const field of type.fields ?? []) {
      const their = theirs.getFields()[field.name.value];
      same(`${at}.${field.name.value}`, print(field.type), their && String(their.type));
      for (const argument of field.arguments ?? []) {
        const match = their?.args?.find((known) => known.name === argument.name.value);
        same(`${at}.${field.name.value}(${argument.name.value})`, print(argument.type), match && String(match.type));
      }
    }
  }
}

for (const line of warnings) console.log(`deprecated  ${line}`);
for (const line of findings) console.log(`differs     ${line}`);
console.log(
  `${documents.length} documents and ${compared} types, fields and arguments against ${version}: ` +
    `${findings.length} differ, ${warnings.length} deprecated`,
);
process.exit(findings.length === 0 ? 0 : 3);

namespace Estream.Esf.Schema.Internal;

/// <summary>
/// The messages about schema files. Each message says what is wrong and what to write instead. A golden file of the tests contains all of
/// them, so that a change of wording is visible in review.
/// </summary>
internal static class Messages
{
    public static string FileTooLong() =>
        $"the file is longer than {EsfLimits.MaxSchemaFileChars} characters: split it into several .esf.yaml files";

    public static string NotYaml(string reason) => $"the file is not valid YAML: {reason}";

    public static string Tab() => "a tab indents this line, and YAML indents by spaces only: replace it by two spaces";

    public static string SecondDocument() =>
        "a schema file holds one YAML document: remove the '---' and what follows, or put it into a file of its own";

    public static string AnchorOrTag() =>
        "anchors (&name), aliases (*name) and tags (!name) are not part of the schema language: write the value out";

    public static string YamlTooDeep(int limit) => $"the YAML is nested deeper than {limit} levels";

    public static string KeyNotAWord(SourceNode key) => $"a key must be a single word, but this one is {key.Shape}";

    public static string Duplicate(string key, SourcePosition first) =>
        $"'{key}' is already written on line {first.Line}: remove one of the two or rename it";

    public static string Missing(string where, string key, string example) => $"{where} needs '{key}': write for example '{example}'";

    public static string UnknownKey(string where, string key, IReadOnlyCollection<string> accepted) =>
        $"'{Shorten(key)}' means nothing in {where}.{NearestName.Hint(key, accepted)} Accepted: {string.Join(", ", accepted)}";

    public static string WrongShape(string what, string wanted, SourceNode found, string example) =>
        $"{what} must be {wanted}, but this is {found.Shape}: write for example '{example}'";

    public static string Version(string found) => $"version '{Shorten(found)}' is not known: write 'version: \"1.0\"'";

    public static string BadNamespace(string name) =>
        $"'{Shorten(name)}' is not a namespace: write words of lower-case letters, digits and single underscores joined by dots, for "
        + "example 'estream.iot'";

    public static string BadTypeName(string what, string name) =>
        $"'{Shorten(name)}' is not a name for {what}: begin with a letter and go on with letters, digits and underscores, at most "
        + $"{EsfLimits.MaxNameLength} of them, for example 'DoorState'";

    public static string BadFieldName(string name) =>
        $"'{Shorten(name)}' is not a field name: write lower-case letters, digits and single underscores, for example "
        + $"'{NameRule.SuggestFieldName(name)}'";

    public static string UnknownType(string name, IEnumerable<string> known) =>
        $"there is no type '{Shorten(name)}'.{NearestName.TypeHint(name, known)} Write one of "
        + $"{string.Join(", ", TypeNames.All.Where(t => t != "enum"))}, or the name of an enum or an object defined under 'enums' or "
        + "'objects' in this file";

    public static string SchemaAsType(string name) =>
        $"'{Shorten(name)}' is a schema, and a schema cannot be the type of a field: write 'type: object' and list its fields under "
        + "'fields', or define an object under 'objects' and use its name";

    public static string NoSchemaToExtend(string name, IEnumerable<string> known) =>
        $"there is no schema '{Shorten(name)}' to extend.{NearestName.Hint(name, known)} Write the name of a schema of this file, or of "
        + "an imported pack, for example 'esf-iot.IoTTelemetry'";

    public static string ExtendsItself(string name, string path) =>
        $"schema '{name}' extends itself ({path}): let one of them extend nothing";

    public static string BaseField(string name, string extended) =>
        $"'{name}' is a field of '{extended}' already, which this schema extends: give the new field another name, or leave it out";

    public static string TypeSyntax(string text, string reason) => $"'{Shorten(text)}' is not a type: {reason}";

    public static string StringLength(string text) =>
        $"'{Shorten(text)}' is not a string length: write a whole number of UTF-8 bytes from 1 to {EsfLimits.MaxMessageBytes}, for "
        + "example 'string(64)'";

    public static string MapKey(string type) =>
        $"'{type}' cannot be the key of a map: write string, string(N), bool, an integer, timestamp, bytes32 or an enum";

    public static string FieldsMissing(string type) =>
        $"a field of type '{type}' must say what the object holds: add 'fields:' with one entry per field";

    public static string FieldsUnexpected(string type) =>
        $"'fields' belongs to a field whose type contains 'object', and this one is '{Shorten(type)}': remove 'fields' or write 'type: "
        + "object'";

    public static string TwoObjects(string type) =>
        $"'{Shorten(type)}' holds two objects and 'fields' can describe only one: put one of them into a field of its own";

    public static string Boolean(string key, string found) =>
        $"'{key}' is true or false, not '{Shorten(found)}': write '{key}: true' or leave the line out";

    public static string Empty(string what, string example) => $"{what} holds nothing: write at least one, for example '{example}'";

    public static string PrivacyLevel(string found) =>
        $"'{Shorten(found)}' is not a privacy level.{NearestName.Hint(found, PrivacyNames.All)} Write "
        + $"{string.Join(" or ", PrivacyNames.All)}";

    public static string AudienceTwice(string name) => $"audience '{name}' is already listed: give each audience one level";

    public static string BadAudience(string name) =>
        $"'{Shorten(name)}' is not an audience: write lower-case letters, digits and single underscores, for example 'auditor'";

    public static string PublicButNotFor(string audience) =>
        $"a field that is public is stored in clear, so nothing keeps it from audience '{audience}': write 'default_level: encrypted' and "
        + "list with 'level: public' who may read it";

    public static string TokenizedForAudiences() =>
        "a tokenized field stores tokens in clear, and who may use the vault reads the cards: leave 'audiences' out";

    public static string TokenizedForOne(string audience) =>
        $"'tokenized' is no level of one audience, and this is '{audience}': everybody sees the token, so write 'default_level: tokenized'";

    public static string TokenizedType(string field) =>
        $"field '{field}' is tokenized, which is for numbers of cards, and these are strings: write 'type: string(19)'";

    public static string PathFieldTokenized(string name) =>
        $"the path names the field '{name}', which holds numbers of cards, and everybody sees an address: name another field";

    public static string UnknownProfile(string found) =>
        $"'{Shorten(found)}' is not a profile.{NearestName.Hint(found, PrivacyProfiles.All)} Write one of "
        + $"{string.Join(", ", PrivacyProfiles.All)}";

    public static string ProfileWithAudiences(string profile, IReadOnlyList<string> audiences) =>
        $"profile '{profile}' says who reads the field ({string.Join(", ", audiences)}): leave 'audiences' out, or the profile";

    public static string ProfileOfPublic(string profile) =>
        $"profile '{profile}' is for what is not stored in clear: write 'default_level: encrypted' or 'default_level: tokenized', or "
        + "leave it out";

    public static string BadSubLex(string name) =>
        $"'{Shorten(name)}' is not a name for a sub-lex: write lower-case letters, digits and single underscores, for example 'clinical'";

    public static string SubLexOfPublic(string name) =>
        $"sub-lex '{name}' takes sealed values, and this field is stored in clear: write 'default_level: encrypted', or leave 'sublex' out";

    public static string SubLexInside(string field) =>
        $"field '{field}' names a sub-lex inside a private field, sealed in whose value it cannot be taken out: give the private field "
        + "around it the sub-lex, or make that one public";

    public static string TooManySubLexes(string where, int limit) =>
        $"the fields of {where} name more than {limit} sub-lexes: merge some, or split the schema";

    public static string TooManyAudiences(string where, int limit) =>
        $"the private fields of {where} are for more than {limit} audiences, or for more than {limit} different groups of them: merge "
        + "audiences, or split the schema";

    public static string Retention() =>
        "a retention is one of duration_days, duration_hours and duration_minutes with a whole number of at most 100 years: write for "
        + "example 'duration_days: 90'";

    public static string Pattern(string found) =>
        $"'{Shorten(found)}' is not a stream pattern.{NearestName.Hint(found, PatternNames.All)} Write one of "
        + $"{string.Join(", ", PatternNames.All)}";

    public static string LogRetention() =>
        "a schema of the pattern 'log' gives nothing up, so it has no retention: remove 'retention', or write 'pattern: event'";

    public static string BadLattice(string text) =>
        $"'{Shorten(text)}' is not a lattice: write words of lower-case letters, digits and single underscores joined by dots, for "
        + "example 'estream.iot.telemetry'";

    public static string BadPath(string text, string reason) =>
        $"path '{Shorten(text)}' {reason}: write for example '/devices/{{device_id}}/telemetry'";

    public static string PathField(string name, IEnumerable<string> fields) =>
        $"the path names the field '{Shorten(name)}', which the schema does not have.{NearestName.Hint(name, fields)}";

    public static string PathFieldForm(string name, string why) =>
        $"the path cannot use the field '{name}', {why}: use a required field of type string, bool, integer, timestamp, bytes32 or enum";

    public static string PathFieldPrivate(string name) =>
        $"the path cannot use the field '{name}', which is private: the address stands in clear wherever the message is named; use a "
        + "public field";

    public static string TooMany(string what, int limit) => $"there are more than {limit} {what}: split them";

    public static string TooDeep() => $"the type is nested deeper than {EsfLimits.MaxDepth} levels: flatten it";

    public static string ObjectCycle(string name, string path) =>
        $"object '{name}' holds itself ({path}), so it would have no end: take the field out, or refer to the other by an id";

    public static string NameConflict(string name, string what, SourcePosition first) =>
        $"'{name}' is already the name of {what} on line {first.Line}: rename one of them";

    public static string NameIsType(string name) =>
        $"'{name}' is a type of the language and cannot name an enum or an object: choose another name, for example 'DoorState'";

    public static string Shorten(string text) => text.Length <= 60 ? text : text.Substring(0, 57) + "...";
}

namespace Estream.Esf.Schema.Internal;

/// <summary>
/// The messages about schema files. Each message says what is wrong and what to write instead. A golden file of the tests contains all
/// these messages, so that a change of wording is visible in review.
/// </summary>
internal static class Messages
{
    public static string FileTooLong() =>
        $"The file is longer than {EsfLimits.MaxSchemaFileChars} characters. Split it into several .esf.yaml files.";

    public static string NotYaml(string reason) => $"The file is not valid YAML: {reason}";

    public static string Tab() => "A tab indents this line, but YAML allows only spaces. Replace the tab with two spaces.";

    public static string SecondDocument() =>
        "The file has a second YAML document, but a schema file holds one. Remove the '---' and everything after it, or move that to a "
        + "separate file.";

    public static string AnchorOrTag() =>
        "Anchors (&name), aliases (*name) and tags (!name) are not part of the schema language. Write the value out.";

    public static string YamlTooDeep(int limit) => $"The YAML is nested deeper than {limit} levels. Flatten it.";

    public static string KeyNotAWord(SourceNode key) => $"A key must be a single word, but this one is {key.Shape}.";

    public static string Duplicate(string key, SourcePosition first) =>
        $"'{key}' already occurs on line {first.Line}. Remove or rename one of the two.";

    public static string Missing(string where, string key, string example) =>
        $"In {where}, the key '{key}' is missing. Add it, for example '{example}'.";

    public static string UnknownKey(string where, string key, IReadOnlyCollection<string> accepted) =>
        $"'{Shorten(key)}' is not a valid key in {where}.{NearestName.Hint(key, accepted)} Valid keys: {string.Join(", ", accepted)}.";

    public static string WrongShape(string what, string wanted, SourceNode found, string example) =>
        $"For {what}, expected {wanted} but found {found.Shape}. Write for example '{example}'.";

    public static string Version(string found) => $"Version '{Shorten(found)}' is not supported. Write 'version: \"1.0\"'.";

    public static string BadNamespace(string name) =>
        $"'{Shorten(name)}' is not a valid namespace. Use words of lower-case letters, digits and single underscores, separated by dots, "
        + "for example 'estream.iot'.";

    public static string BadTypeName(string what, string name) =>
        $"'{Shorten(name)}' is not a valid name for {what}. Use a letter followed by letters, digits or underscores, at most "
        + $"{EsfLimits.MaxNameLength} characters, for example 'DoorState'.";

    public static string BadFieldName(string name) =>
        $"'{Shorten(name)}' is not a valid field name. Use lower-case letters, digits and single underscores, for example "
        + $"'{NameRule.SuggestFieldName(name)}'.";

    public static string UnknownType(string name, IEnumerable<string> known) =>
        $"The type '{Shorten(name)}' does not exist.{NearestName.TypeHint(name, known)} Write one of "
        + $"{string.Join(", ", TypeNames.All.Where(t => t != "enum"))}, or the name of an enum or an object that this file defines under "
        + "'enums' or 'objects'.";

    public static string SchemaAsType(string name) =>
        $"'{Shorten(name)}' is a schema, which cannot be the type of a field. Write 'type: object' and list the fields under "
        + "'fields', or define an object under 'objects' and use its name.";

    public static string NoSchemaToExtend(string name, IEnumerable<string> known) =>
        $"The schema '{Shorten(name)}' to extend does not exist.{NearestName.Hint(name, known)} Write the name of a schema of this file or "
        + "of an imported pack, for example 'esf-iot.IoTTelemetry'.";

    public static string ExtendsItself(string name, string path) =>
        $"Schema '{name}' extends itself ({path}). Remove one 'extends' from this cycle.";

    public static string BaseField(string name, string extended) =>
        $"'{name}' is already a field of '{extended}', which this schema extends. Rename or remove the new field.";

    public static string TypeSyntax(string text, string reason) => $"'{Shorten(text)}' is not a valid type: {reason}.";

    public static string StringLength(string text) =>
        $"'{Shorten(text)}' is not a valid string length. Write a whole number of UTF-8 bytes from 1 to {EsfLimits.MaxMessageBytes}, for "
        + "example 'string(64)'.";

    public static string MapKey(string type) =>
        $"'{type}' cannot be the key type of a map. Use string, string(N), bool, an integer, timestamp, bytes32 or an enum.";

    public static string FieldsMissing(string type) =>
        $"A field of type '{type}' has no 'fields'. Add 'fields:' with one entry per field of the object.";

    public static string FieldsUnexpected(string type) =>
        $"'fields' is only valid for a type that contains 'object', but this type is '{Shorten(type)}'. Remove 'fields', or write 'type: "
        + "object'.";

    public static string TwoObjects(string type) =>
        $"'{Shorten(type)}' contains two objects, but 'fields' can describe only one. Move one of them to a separate field.";

    public static string Boolean(string key, string found) =>
        $"'{key}' must be true or false, not '{Shorten(found)}'. Write '{key}: true', or remove the line.";

    public static string Empty(string what, string example) => $"At least one entry is required in {what}. Write for example '{example}'.";

    public static string PrivacyLevel(string found) =>
        $"'{Shorten(found)}' is not a privacy level.{NearestName.Hint(found, PrivacyNames.All)} Write "
        + $"{string.Join(" or ", PrivacyNames.All)}.";

    public static string AudienceTwice(string name) => $"Audience '{name}' is listed twice. Give each audience one level.";

    public static string BadAudience(string name) =>
        $"'{Shorten(name)}' is not a valid audience name. Use lower-case letters, digits and single underscores, for example 'auditor'.";

    public static string PublicButNotFor(string audience) =>
        $"A public field is stored unencrypted, so it cannot be withheld from audience '{audience}'. Write 'default_level: encrypted', "
        + "and list the audiences that may read it with 'level: public'.";

    public static string TokenizedForAudiences() =>
        "A tokenized field stores its tokens unencrypted, and the vault determines who reads the cards. Remove 'audiences'.";

    public static string TokenizedForOne(string audience) =>
        $"'tokenized' cannot be the level of one audience ('{audience}'), because everyone sees the token. Write 'default_level: "
        + "tokenized'.";

    public static string TokenizedType(string field) =>
        $"Field '{field}' is tokenized, so it must hold card numbers as strings. Write 'type: string(19)'.";

    public static string PathFieldTokenized(string name) =>
        $"The path names the field '{name}', which holds card numbers, but everyone can see an address. Use another field.";

    public static string UnknownProfile(string found) =>
        $"'{Shorten(found)}' is not a profile.{NearestName.Hint(found, PrivacyProfiles.All)} Write one of "
        + $"{string.Join(", ", PrivacyProfiles.All)}.";

    public static string ProfileWithAudiences(string profile, IReadOnlyList<string> audiences) =>
        $"Profile '{profile}' already defines the field's audiences ({string.Join(", ", audiences)}). Remove 'audiences' or 'profile'.";

    public static string ProfileOfPublic(string profile) =>
        $"Profile '{profile}' requires a field that is not public. Write 'default_level: encrypted' or 'default_level: tokenized', or "
        + "remove 'default_level'.";

    public static string BadSubLex(string name) =>
        $"'{Shorten(name)}' is not a valid sub-lex name. Use lower-case letters, digits and single underscores, for example 'clinical'.";

    public static string SubLexOfPublic(string name) =>
        $"Sub-lex '{name}' requires sealed values, but this field is not encrypted. Write 'default_level: encrypted', or remove 'sublex'.";

    public static string SubLexInside(string field) =>
        $"Field '{field}' names a sub-lex inside a private field, from whose sealed value it cannot be extracted. Move the sub-lex to the "
        + "enclosing private field, or make that field public.";

    public static string TooManySubLexes(string where, int limit) =>
        $"The fields of {where} name more than {limit} sub-lexes. Merge some, or split the schema.";

    public static string TooManyAudiences(string where, int limit) =>
        $"The private fields of {where} are for more than {limit} audiences, or for more than {limit} groups of audiences. Merge "
        + "audiences, or split the schema.";

    public static string Retention() =>
        "A retention is exactly one of duration_days, duration_hours and duration_minutes, a whole number and at most 100 years. Write "
        + "for example 'duration_days: 90'.";

    public static string Pattern(string found) =>
        $"'{Shorten(found)}' is not a stream pattern.{NearestName.Hint(found, PatternNames.All)} Write one of "
        + $"{string.Join(", ", PatternNames.All)}.";

    public static string LogRetention() =>
        "A schema with the pattern 'log' keeps all messages, so it cannot have a retention. Remove 'retention', or write 'pattern: event'.";

    public static string BadLattice(string text) =>
        $"'{Shorten(text)}' is not a valid lattice. Use words of lower-case letters, digits and single underscores, separated by dots, "
        + "for example 'estream.iot.telemetry'.";

    public static string BadPath(string text, string reason) =>
        $"Path '{Shorten(text)}' {reason}. Write for example '/devices/{{device_id}}/telemetry'.";

    public static string PathField(string name, IEnumerable<string> fields) =>
        $"The path names the field '{Shorten(name)}', which the schema does not have.{NearestName.Hint(name, fields)}";

    public static string PathFieldForm(string name, string why) =>
        $"The path cannot use the field '{name}', {why}. Use a required field of type string, bool, integer, timestamp, bytes32 or enum.";

    public static string PathFieldPrivate(string name) =>
        $"The path cannot use the private field '{name}', because an address is stored unencrypted wherever the message is named. Use a "
        + "public field.";

    public static string TooMany(string what, int limit) => $"There are more than {limit} {what}. Split them.";

    public static string TooDeep() => $"The type is nested deeper than {EsfLimits.MaxDepth} levels. Flatten it.";

    public static string ObjectCycle(string name, string path) =>
        $"Object '{name}' contains itself ({path}). Remove the field, or refer to the other object by an id.";

    public static string NameConflict(string name, string what, SourcePosition first) =>
        $"'{name}' is already the name of {what} on line {first.Line}. Rename one of them.";

    public static string NameIsType(string name) =>
        $"'{name}' is a type of the schema language and cannot be the name of an enum or an object. Choose another name, for example "
        + "'DoorState'.";

    public static string Shorten(string text) => text.Length <= 60 ? text : text.Substring(0, 57) + "...";
}

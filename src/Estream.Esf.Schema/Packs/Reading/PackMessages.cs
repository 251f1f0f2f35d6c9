namespace Estream.Esf.Schema.Internal;

/// <summary>The messages about manifests, imports and pack dependencies. A golden file of the tests contains all these
/// messages.</summary>
internal static class PackMessages
{
    public static string ManifestTooLong() => $"The manifest is longer than {EsfLimits.MaxSchemaFileChars} characters. Shorten it.";

    public static string ManifestSyntax(string wanted) =>
        $"Expected {wanted}. A manifest contains tables, and keys whose values are strings or arrays of strings.";

    public static string ManifestKey(string key, string wanted, string example)
    {
        int dot = key.LastIndexOf('.');
        return $"'{key.Substring(dot + 1)}' in [{key.Substring(0, dot)}] must be {wanted}. Write for example '{example}'.";
    }

    public static string BadPackName(string name) =>
        $"'{Messages.Shorten(name)}' is not a valid pack name. Use lower-case letters and digits joined by dashes, for example 'esf-iot'.";

    public static string BadVersion(string text) =>
        $"'{Messages.Shorten(text)}' is not a version. Write three numbers, as in '1.0.0' or '1.0.0-rc.1'.";

    public static string BadRange(string text) =>
        $"'{Messages.Shorten(text)}' is not a version range. Write for example '^1.2', '~1.2.3', '>=1.2 <3' or '^1 || ^2'.";

    public static string BadRequirement(string text) =>
        $"'{Messages.Shorten(text)}' is not a pack requirement. Write name, space and version range, for example 'esf-iot ^1.0'.";

    public static string UnknownPack(string pack, IEnumerable<string> known) =>
        $"The pack '{pack}' was not found.{NearestName.Hint(pack, known)} Pass its {PackManifest.FileName} and its schema files together "
        + "with this file.";

    public static string PackVersion(string pack, SemanticVersion version, string range, string path, IReadOnlyCollection<string> others) =>
        $"'{pack}' has version {version}, but {range} is required ({path})"
        + (others.Count == 0 ? "" : "; also required: " + string.Join(", ", others))
        + $". Choose a version of '{pack}' that satisfies all requirements, or change the requirements.";

    public static string PackCycle(string path) =>
        $"The packs depend on each other in a cycle ({path}). Move the definitions that they share to a separate pack.";

    public static string PackTwice(string pack, string first) =>
        $"The pack '{pack}' is also defined in {first}. Remove one of the two.";

    public static string SchemaTwice(string schema, string pack, string other) =>
        $"'{pack}' and '{other}' both provide {schema}. Give one of them another namespace, or remove it.";

    public static string Undeclared(string pack, string manifest) =>
        $"'{pack}' is imported, but the manifest of this pack does not require it. Add it to 'requires' in {manifest}, for example "
        + $"\"{pack} ^1.0\".";

    public static string ProvidesMore(string name, IEnumerable<string> schemas) =>
        $"'provides' lists '{Messages.Shorten(name)}', but no file of the pack has such a schema.{NearestName.Hint(name, schemas)}";

    public static string ProvidesLess(string name) =>
        $"The files of the pack have a schema '{name}', but 'provides' does not list it. Add it.";

    public static string NotImported(string pack) =>
        $"'{pack}' is not imported. Add 'imports: [{{ pack: {pack}, version: \"^1.0\" }}]' to the file.";

    public static string NotInPack(string name, string pack, IEnumerable<string> known) =>
        $"The pack '{pack}' has no enum or object '{Messages.Shorten(name)}'.{NearestName.Hint(name, known)}";

    public static string SchemaNotInPack(string name, string pack, IEnumerable<string> known) =>
        $"The pack '{pack}' has no schema '{Messages.Shorten(name)}' to extend.{NearestName.Hint(name, known)}";

    public static string ImportConflict(string name, string pack) =>
        $"'{name}' of pack '{pack}' becomes part of this file, which already has a definition with this name. Rename one of them, or use "
        + "only one.";
}

namespace Estream.Esf.Schema.Internal;

/// <summary>The messages about manifests, imports and pack dependencies. A golden file of the tests contains all of them.</summary>
internal static class PackMessages
{
    public static string ManifestTooLong() => $"the manifest is longer than {EsfLimits.MaxSchemaFileChars} characters";

    public static string ManifestSyntax(string wanted) =>
        $"expected {wanted}: a manifest holds tables, and keys with strings or arrays of strings";

    public static string ManifestKey(string key, string wanted, string example)
    {
        int dot = key.LastIndexOf('.');
        return $"'{key.Substring(dot + 1)}' in [{key.Substring(0, dot)}] must be {wanted}: write for example '{example}'";
    }

    public static string BadPackName(string name) =>
        $"'{Messages.Shorten(name)}' is not a name for a pack: write lower-case letters and digits joined by dashes, for example 'esf-iot'";

    public static string BadVersion(string text) =>
        $"'{Messages.Shorten(text)}' is not a version: write three numbers, as in '1.0.0' or '1.0.0-rc.1'";

    public static string BadRange(string text) =>
        $"'{Messages.Shorten(text)}' is not a range of versions: write for example '^1.2', '~1.2.3', '>=1.2 <3' or '^1 || ^2'";

    public static string BadRequirement(string text) =>
        $"'{Messages.Shorten(text)}' is not a pack with its versions: write name, blank, range, for example 'esf-iot ^1.0'";

    public static string UnknownPack(string pack, IEnumerable<string> known) =>
        $"the pack '{pack}' is not here.{NearestName.Hint(pack, known)} Give its {PackManifest.FileName} and its schema files together "
        + "with this file";

    public static string PackVersion(string pack, SemanticVersion version, string range, string path, IReadOnlyCollection<string> others) =>
        $"'{pack}' is {version} here, and {range} is wanted ({path})"
        + (others.Count == 0 ? "" : "; also wanted: " + string.Join(", ", others))
        + $": take a version of '{pack}' that suits all, or change what is wanted";

    public static string PackCycle(string path) =>
        $"the packs need each other in a circle ({path}): move what they share into a pack of its own";

    public static string PackTwice(string pack, string first) =>
        $"the pack '{pack}' is here twice, the other time as {first}: leave one of them out";

    public static string SchemaTwice(string schema, string pack, string other) =>
        $"'{pack}' and '{other}' both provide {schema}: give one of them another namespace, or leave it out";

    public static string Undeclared(string pack, string manifest) =>
        $"'{pack}' is imported, and the manifest of this pack does not require it: add it to 'requires' in {manifest}, for example "
        + $"\"{pack} ^1.0\"";

    public static string ProvidesMore(string name, IEnumerable<string> schemas) =>
        $"'provides' lists '{Messages.Shorten(name)}', and no file of the pack has a schema of that name.{NearestName.Hint(name, schemas)}";

    public static string ProvidesLess(string name) =>
        $"the files of the pack have a schema '{name}', and 'provides' does not list it: add it";

    public static string NotImported(string pack) =>
        $"'{pack}' is not imported: add 'imports: [{{ pack: {pack}, version: \"^1.0\" }}]' to the file";

    public static string NotInPack(string name, string pack, IEnumerable<string> known) =>
        $"the pack '{pack}' has no enum or object '{Messages.Shorten(name)}'.{NearestName.Hint(name, known)}";

    public static string SchemaNotInPack(string name, string pack, IEnumerable<string> known) =>
        $"the pack '{pack}' has no schema '{Messages.Shorten(name)}' to extend.{NearestName.Hint(name, known)}";

    public static string ImportConflict(string name, string pack) =>
        $"'{name}' of pack '{pack}' becomes part of this file, which has another of that name already: rename one of them, or use only one";
}

using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>All messages about manifests; a golden file of the tests contains them all.</summary>
internal static class ManifestMessages
{
    public static string TooLong() => $"the manifest is longer than {ManifestLimits.MaxBytes} bytes";

    public static string MoreErrors() => $"there are more than {ManifestLimits.MaxErrors} mistakes: put these right first";

    public static string Missing(string where, string key, string example) => $"{where} needs '{key}': write for example {example}";

    public static string WrongKind(string key, string wanted, TomlKind found, string example) =>
        $"'{TomlMessages.Shorten(key)}' has to be {wanted}, and is {TomlMessages.NameOf(found)}: write for example {example}";

    public static string Unknown(string key, string where, IReadOnlyList<string> known) =>
        $"'{TomlMessages.Shorten(key)}' means nothing in {where}.{NearestName.Hint(key, known)} Known here: {string.Join(", ", known)}";

    public static string Untrusted(string key) =>
        $"'{key}' has no place in a manifest: who may be trusted is said by signatures and by the policy of a registry, never by the "
        + "component itself; leave it out";

    public static string OtherCategory(string table, string of, string category) =>
        $"[component.{table}] belongs to the category {of}, and this component is of {category}: change 'category', or leave the table out";

    public static string TooMany(string key, int most) => $"'{key}' has more than {most} items: leave some out, or split the component";

    public static string Empty(string key, string example) => $"'{key}' is empty: write for example {example}, or leave the key out";

    public static string EmptyButNeeded(string key, string example) => $"'{key}' needs at least one item: write for example {example}";

    public static string Duplicate(string what, SourcePosition first) =>
        $"'{TomlMessages.Shorten(what)}' stands already on line {first.Line}: remove one of the two";

    public static string Faulty(string text, string what, ParseFault fault) =>
        $"'{TomlMessages.Shorten(text)}' is no {what}: {fault.Reason}";

    public static string NoWord(string text, string key, IReadOnlyList<string> words) =>
        $"'{TomlMessages.Shorten(text)}' is nothing that '{key}' knows.{NearestName.Hint(text, words)} Write "
        + $"{(words.Count == 1 ? words[0] : "one of " + string.Join(", ", words))}";

    public static string NoText(string text, string wanted, string example) =>
        $"'{TomlMessages.Shorten(text)}' is not {wanted}: write for example {example}";

    public static string TextLength(string key, int most) => $"'{key}' has to have 1 to {most} characters";

    public static string TextCharacter(string key, string code) =>
        $"'{key}' holds {code}, which cannot be seen or changes how the text is read: remove it";

    public static string TextScripts(string key, string word) =>
        $"'{key}' has the word '{TomlMessages.Shorten(word)}', whose letters are of several scripts, as in names that are to be taken for "
        + "others: write each word in one";

    public static string TextEdge(string key) => $"'{key}' begins or ends with a blank: remove it";

    public static string OutOfRange(string key, long least, long most) => $"'{TomlMessages.Shorten(key)}' has to be from {least} to {most}";

    public static string Itself() => "a component cannot depend on itself: remove it";

    public static string PackAndDependency(string name) =>
        $"'{name}' is required as a pack and stands in [component.dependencies] too: remove one of the two";

    public static string SchemaCase(string name) =>
        $"'{TomlMessages.Shorten(name)}' is no name for a schema that others can require: write a capital letter, then letters, digits "
        + "and '_', as in IoTTelemetry";

    public static string NoRequirement(string text) =>
        $"'{TomlMessages.Shorten(text)}' is no requirement: write a schema, with versions or without, as in \"IoTTelemetry\" or "
        + "\"IoTTelemetry ^1.0\", or a pack with its versions, as in \"esf-iot ^1.0\"";

    public static string PermissionOf(string text, string kinds) =>
        $"'{TomlMessages.Shorten(text)}' is no permission for this component: {kinds}";

    public static string NoPath(string text, string why) => $"'{TomlMessages.Shorten(text)}' is no path of a file in a package: {why}";

    public static string PathEnding(string text, string ending) => $"'{TomlMessages.Shorten(text)}' has to end with '{ending}'";

    public static string OwnSchema(string name) => $"'{name}' is provided by this component itself: remove it from 'requires'";

    public static string SizeOrder() => "'default_size' has to lie between 'min_size' and 'max_size', in columns and in rows";

    public static string OnlyFor(string key, string other, string value) =>
        $"'{key}' goes with {other} = \"{value}\" alone: remove it, or change '{other}'";

    public static string NotBoth(string one, string other) => $"'{one}' and '{other}' say the same thing: remove one of the two";

    public static string NotOwnTool(string text, string server) =>
        $"'{text}' is no tool of this plugin: a permission names the server '{server}' and one of 'tools'";

    public static string NotOwnComponent(string name) => $"'{name}' is not among [component.dependencies]: add it there, with its versions";

    public static string NoCurrency() => "a tier has a price, and there is no 'currency': write for example currency = \"USD\"";

    public static string NeedsDependencies(string category) =>
        $"a component of the category {category} is made of others: name them in [component.dependencies], as in \"@acme/doors\" = "
        + "\"^1.0\"";

    public static string NeedsInclude() =>
        "a schema pack needs its files: write for example [component.include] with schemas = [\"schemas/*.esf.yaml\"]";

    public static string NeedsProvides() =>
        "a schema pack provides schemas: write for example [component.schemas] with provides = [\"IoTTelemetry\"]";
}

using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>All messages about manifests; a golden file of the tests contains them all.</summary>
internal static class ManifestMessages
{
    public static string TooLong() => $"the manifest is longer than {ManifestLimits.MaxBytes} bytes";

    public static string MoreErrors() => $"there are more than {ManifestLimits.MaxErrors} errors: fix these first";

    public static string Missing(string where, string key, string example) => $"{where} needs '{key}': write for example {example}";

    public static string WrongKind(string key, string wanted, TomlKind found, string example) =>
        $"'{TomlMessages.Shorten(key)}' must be {wanted}, but is {TomlMessages.NameOf(found)}: write for example {example}";

    public static string Unknown(string key, string where, IReadOnlyList<string> known) =>
        $"'{TomlMessages.Shorten(key)}' is not a known key in {where}.{NearestName.Hint(key, known)} Known keys: "
        + $"{string.Join(", ", known)}";

    public static string Untrusted(string key) =>
        $"'{key}' is not allowed in a manifest: trust comes from signatures and from the policy of a registry, never from the "
        + "component itself; remove it";

    public static string OtherCategory(string table, string of, string category) =>
        $"[component.{table}] belongs to the category {of}, but this component has {category}: change 'category', or remove the table";

    public static string TooMany(string key, int most) => $"'{key}' has more than {most} items: remove some, or split the component";

    public static string Empty(string key, string example) => $"'{key}' is empty: write for example {example}, or remove the key";

    public static string EmptyButNeeded(string key, string example) => $"'{key}' needs at least one item: write for example {example}";

    public static string Duplicate(string what, SourcePosition first) =>
        $"'{TomlMessages.Shorten(what)}' is already on line {first.Line}: remove one of them";

    public static string Faulty(string text, string what, ParseFault fault) =>
        $"'{TomlMessages.Shorten(text)}' is not a valid {what}: {fault.Reason}";

    public static string NoWord(string text, string key, IReadOnlyList<string> words) =>
        $"'{TomlMessages.Shorten(text)}' is not a valid value of '{key}'.{NearestName.Hint(text, words)} Use "
        + $"{(words.Count == 1 ? words[0] : "one of " + string.Join(", ", words))}";

    public static string NoText(string text, string wanted, string example) =>
        $"'{TomlMessages.Shorten(text)}' is not {wanted}: write for example {example}";

    public static string TextLength(string key, int most) => $"'{key}' must have 1 to {most} characters";

    public static string TextCharacter(string key, string code) =>
        $"'{key}' contains {code}, which is invisible or changes how the text is read: remove it";

    public static string TextScripts(string key, string word) =>
        $"'{key}' has the word '{TomlMessages.Shorten(word)}', whose letters belong to several scripts, as in names that imitate "
        + "others: write each word in one script";

    public static string TextEdge(string key) => $"'{key}' begins or ends with a blank: remove it";

    public static string OutOfRange(string key, long least, long most) => $"'{TomlMessages.Shorten(key)}' must be from {least} to {most}";

    public static string Itself() => "a component cannot depend on itself: remove the dependency";

    public static string PackAndDependency(string name) =>
        $"'{name}' is required as a pack and is also in [component.dependencies]: remove one of them";

    public static string SchemaCase(string name) =>
        $"'{TomlMessages.Shorten(name)}' is not a valid schema name: use a capital letter, then letters, digits "
        + "and '_', as in IoTTelemetry";

    public static string NoRequirement(string text) =>
        $"'{TomlMessages.Shorten(text)}' is not a valid requirement: use a schema with or without versions, as in \"IoTTelemetry\" or "
        + "\"IoTTelemetry ^1.0\", or a pack with its versions, as in \"esf-iot ^1.0\"";

    public static string PermissionOf(string text, string kinds) =>
        $"'{TomlMessages.Shorten(text)}' is not available to this component: {kinds}";

    public static string NoPath(string text, string why) => $"'{TomlMessages.Shorten(text)}' is not a valid path in a package: {why}";

    public static string PathEnding(string text, string ending) => $"'{TomlMessages.Shorten(text)}' must end with '{ending}'";

    public static string OwnSchema(string name) => $"'{name}' is provided by this component itself: remove it from 'requires'";

    public static string SizeOrder() => "'default_size' must be between 'min_size' and 'max_size', in columns and in rows";

    public static string OnlyFor(string key, string other, string value) =>
        $"'{key}' requires {other} = \"{value}\": remove it, or change '{other}'";

    public static string NotBoth(string one, string other) => $"'{one}' and '{other}' mean the same: remove one of them";

    public static string NotOwnTool(string text, string server) =>
        $"'{text}' is not a tool of this plugin: a permission must name the server '{server}' and one of 'tools'";

    public static string NotOwnComponent(string name) => $"'{name}' is not in [component.dependencies]: add it there, with its versions";

    public static string NoCurrency() => "a tier has a price, but there is no 'currency': write for example currency = \"USD\"";

    public static string NeedsDependencies(string category) =>
        $"a component of the category {category} consists of other components: list them in [component.dependencies], as in "
        + "\"@acme/doors\" = \"^1.0\"";

    public static string NeedsInclude() =>
        "a schema pack must include its files: write for example [component.include] with schemas = [\"schemas/*.esf.yaml\"]";

    public static string NeedsProvides() =>
        "a schema pack must provide schemas: write for example [component.schemas] with provides = [\"IoTTelemetry\"]";
}

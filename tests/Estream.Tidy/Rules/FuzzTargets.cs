using Estream.Tidy.Sources;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Estream.Tidy.Rules;

/// <summary>Requires that every type that reads bytes from outside is fuzzed: tests/Estream.Fuzz names the type or its public entry
/// point.</summary>
internal static class FuzzTargets
{
    private const string FuzzFolder = "tests/Estream.Fuzz";

    /// <summary>Types whose names have one of these endings read bytes that others have written.</summary>
    private static readonly string[] s_endings = ["Parser", "Reader", "Decoder", "Codec", "Cursor", "Packet", "Validator"];

    /// <summary>Projects whose readers need no fuzzing, because their input comes from the operator and not from an untrusted
    /// source.</summary>
    private static readonly string[] s_operatorsOwn = ["src/Estream.Host", "src/Estream.Cli"];

    /// <summary>Types that fuzz targets reach through another type, which the targets name instead.</summary>
    private static readonly Dictionary<string, string> s_behind = new()
    {
        ["CanonicalReader"] = "CanonicalSchema",
        ["EnumReader"] = "SchemaReader",
        ["ExpressionParser"] = "EsfExpression",
        ["ExtensionReader"] = "SchemaReader",
        ["MessageReader"] = "SchemaReader",
        ["PrivacyReader"] = "SchemaReader",
        ["RecordReader"] = "SchemaReader",
        ["SourceTreeReader"] = "SchemaReader",
        ["TraitsReader"] = "SchemaReader",
        ["TypeParser"] = "SchemaReader",
        ["TomlReader"] = "PackManifestReader",
        ["TomlParser"] = "TomlReader",
        ["TomlCursor"] = "TomlReader",
        ["ItemReader"] = "EsfValidator",
        ["JsonCursor"] = "EsfJson",
        ["JsonTextDecoder"] = "StrictJsonReader",
        ["TailerCursor"] = "EstreamQueue",
        ["LogCursor"] = "MulticastPublisher",
        ["FecDecoder"] = "MulticastSubscriber",
        ["BufferedPacket"] = "MulticastSubscriber",
        ["BlockReader"] = "EstreamQueue",
        ["FieldReader"] = "FixTranslator",
        ["PropertyReader"] = "FrameCursor",
        ["WireReader"] = "FrameCursor",
        ["AuthPacket"] = "FuzzEndpoint",
        ["VersionCursor"] = "SemanticVersion",
        ["VersionRangeParser"] = "VersionRange",
        ["WorkspaceLockReader"] = "WorkspaceLock",
        ["WorkspaceManifestReader"] = "WorkspaceManifest",
    };

    public static IEnumerable<Violation> Check(Repository repository)
    {
        SourceFile[] targets = [.. repository.CSharpFiles.Where(file => file.IsUnder(FuzzFolder))];
        return from file in repository.CSharpFiles
               where file.IsUnder("src") && !s_operatorsOwn.Any(file.IsUnder)
               from type in file.Syntax.DescendantNodes().OfType<TypeDeclarationSyntax>()
               let name = type.Identifier.Text
               where s_endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal))
               let door = s_behind.GetValueOrDefault(name, name)
               where !targets.Any(target => Names(target, door))
               select new Violation(file.Path, SourceFile.LineOf(type.Identifier),
                   $"{name} reads bytes from outside, but no target in {FuzzFolder} names {door}");
    }

    private static bool Names(SourceFile file, string type)
    {
        return file.Syntax.DescendantTokens().Any(token => token.Text == type);
    }
}

using Estream.Esf.Schema;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Maps YAML errors, which schema files and pipeline files have in common, to the codes of pipeline files.</summary>
internal static class YamlErrors
{
    private static readonly Dictionary<string, string> s_codes = new(StringComparer.Ordinal)
    {
        [DiagnosticCodes.Syntax] = PipelineCodes.Syntax,
        [DiagnosticCodes.UnsupportedYaml] = PipelineCodes.UnsupportedYaml,
        [DiagnosticCodes.DuplicateKey] = PipelineCodes.DuplicateKey,
        [DiagnosticCodes.MissingKey] = PipelineCodes.MissingKey,
        [DiagnosticCodes.UnknownKey] = PipelineCodes.UnknownKey,
        [DiagnosticCodes.WrongShape] = PipelineCodes.WrongShape,
        [DiagnosticCodes.Limit] = PipelineCodes.Limit,
        [DiagnosticCodes.Empty] = PipelineCodes.Empty,
    };

    public static SchemaDiagnostic Numbered(SchemaDiagnostic error) => s_codes.TryGetValue(error.Code, out string? code)
        ? new SchemaDiagnostic(code, error.File, error.Position, InPipelines(error.Message))
        : error;

    private static string InPipelines(string message) => message
        .Replace("the schema language", "the language of pipelines", StringComparison.Ordinal)
        .Replace("a schema file holds", "a pipeline file holds", StringComparison.Ordinal)
        .Replace("several .esf.yaml files", "several files", StringComparison.Ordinal);
}

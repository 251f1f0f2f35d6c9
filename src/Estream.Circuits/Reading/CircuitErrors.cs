using Estream.Esf.Schema;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>Maps errors that circuit files share with pipeline files and schema files to codes and wording of circuit files.</summary>
internal static class CircuitErrors
{
    private const string Pipelines = "EPL";
    private const string Circuits = "ECR";

    public static SchemaDiagnostic Numbered(SchemaDiagnostic error)
    {
        SchemaDiagnostic numbered = YamlErrors.Numbered(error);
        return numbered.Code.StartsWith(Pipelines, StringComparison.Ordinal)
            ? new SchemaDiagnostic(Circuits + numbered.Code[Pipelines.Length..], numbered.File, numbered.Position,
                InCircuits(numbered.Message))
            : numbered;
    }

    private static string InCircuits(string message) => message
        .Replace("the language of pipelines", "the language of circuits", StringComparison.Ordinal)
        .Replace("a pipeline file holds", "a circuit file holds", StringComparison.Ordinal)
        .Replace("begin another pipeline there", "have another circuit read it", StringComparison.Ordinal)
        .Replace("Name the file it is in under 'schemas'", "Declare it under 'types', name the file it is in under 'schemas'",
            StringComparison.Ordinal)
        .Replace("by the pipeline '", "by the output '", StringComparison.Ordinal)
        .Replace("for which a declared pipeline has no queues", "for which a circuit has no queues", StringComparison.Ordinal)
        .Replace("write the pipeline in C#", "write it in C#", StringComparison.Ordinal);
}

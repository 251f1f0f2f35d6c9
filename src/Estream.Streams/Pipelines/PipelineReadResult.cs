using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Streams.Pipelines;

/// <summary>What reading pipeline files gave: pipelines, or the mistakes that prevent them.</summary>
public sealed class PipelineReadResult
{
    internal PipelineReadResult(IReadOnlyList<DeclaredPipeline> pipelines, EsfSchemaSet schemas, IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        Pipelines = diagnostics.Count == 0 ? pipelines : [];
        Schemas = schemas;
        Diagnostics = diagnostics;
    }

    /// <summary>The pipelines, in the order of the file; none when there is any mistake.</summary>
    public IReadOnlyList<DeclaredPipeline> Pipelines { get; }

    /// <summary>The schemas that were known, and those of the files that were named.</summary>
    public EsfSchemaSet Schemas { get; }

    /// <summary>Every mistake found, in the order of the file. Their codes are those of <see cref="PipelineCodes"/>.</summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }
}

using Estream.Streams.Pipelines;

namespace Estream.Host.Runtime;

/// <summary>Opens declared pipelines and logs their failures.</summary>
internal static partial class PipelineRuntime
{
    public static PipelineRunner Open(DeclaredPipeline pipeline, IPipelineResources resources, ILogger logger) =>
        new(pipeline.Open(resources)) { Failed = reason => LogFailure(logger, pipeline.Name, reason) };

    [LoggerMessage(EventId = 61, Level = LogLevel.Error, Message = "Pipeline {Pipeline} is failing and retries: {Reason}")]
    private static partial void LogFailure(ILogger logger, string pipeline, string reason);
}

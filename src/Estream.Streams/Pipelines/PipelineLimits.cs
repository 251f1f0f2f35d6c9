namespace Estream.Streams.Pipelines;

/// <summary>The limits of pipeline files. All external input is limited.</summary>
public static class PipelineLimits
{
    /// <summary>The maximum number of pipelines in a file.</summary>
    public const int MaxPipelines = 64;

    /// <summary>The maximum number of stages in a pipeline.</summary>
    public const int MaxStages = 32;

    /// <summary>The maximum number of schema files that a file can name.</summary>
    public const int MaxSchemaFiles = 64;

    /// <summary>The maximum length of the name of a pipeline, queue or map.</summary>
    public const int MaxNameLength = 64;

    /// <summary>The default maximum length of a message that a pipeline writes, in bytes.</summary>
    public const int DefaultMaxBytes = 16 * 1024;

    /// <summary>The highest value of <c>max_bytes</c>.</summary>
    public const int HighestMaxBytes = 1 << 20;

    /// <summary>The default maximum number of windows or waiting events in a pipeline.</summary>
    public const int DefaultAtMost = 100_000;

    /// <summary>The highest value of <c>at_most</c>.</summary>
    public const int HighestAtMost = 10_000_000;
}

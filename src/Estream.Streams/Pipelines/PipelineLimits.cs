namespace Estream.Streams.Pipelines;

/// <summary>The limits of pipeline files: whatever comes from outside has one.</summary>
public static class PipelineLimits
{
    /// <summary>Most pipelines in one file.</summary>
    public const int MaxPipelines = 64;

    /// <summary>Most stages of a pipeline.</summary>
    public const int MaxStages = 32;

    /// <summary>Most schema files that a file names.</summary>
    public const int MaxSchemaFiles = 64;

    /// <summary>Longest name of a pipeline, a queue or a map.</summary>
    public const int MaxNameLength = 64;

    /// <summary>The longest message a pipeline makes, in bytes, where it does not say.</summary>
    public const int DefaultMaxBytes = 16 * 1024;

    /// <summary>The most it may say.</summary>
    public const int HighestMaxBytes = 1 << 20;

    /// <summary>How many windows or waiting events a pipeline keeps, where it does not say.</summary>
    public const int DefaultAtMost = 100_000;

    /// <summary>The most it may say.</summary>
    public const int HighestAtMost = 10_000_000;
}

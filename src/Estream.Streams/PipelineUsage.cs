namespace Estream.Streams;

/// <summary>What a pipeline has taken, made and used since it was opened. What comes again after a failure counts again.</summary>
/// <param name="Read">Messages read, those of other schemas included.</param>
/// <param name="BytesRead">Bytes of these messages, without what the queue puts around them.</param>
/// <param name="Made">Results that are permanent: messages appended, entries put into a map.</param>
/// <param name="BytesMade">Bytes of these messages and entries; of an entry its key and its value as they lie in the map. What a sub-lex
/// keeps apart is not counted.</param>
/// <param name="CpuNanos">Processor time of the thread that runs it, in nanoseconds, as the system counts it; 0 where it is not Linux. See
/// <see cref="EsfPipeline.IsCpuMetered"/>.</param>
public readonly record struct PipelineUsage(long Read, long BytesRead, long Made, long BytesMade, long CpuNanos)
{
    /// <summary>Both together.</summary>
    public static PipelineUsage operator +(PipelineUsage one, PipelineUsage other) =>
        new(one.Read + other.Read, one.BytesRead + other.BytesRead, one.Made + other.Made, one.BytesMade + other.BytesMade, one.CpuNanos + other.CpuNanos);

    /// <summary>What came since an earlier usage of the same pipeline.</summary>
    public static PipelineUsage operator -(PipelineUsage later, PipelineUsage earlier) =>
        new(later.Read - earlier.Read, later.BytesRead - earlier.BytesRead, later.Made - earlier.Made, later.BytesMade - earlier.BytesMade, later.CpuNanos - earlier.CpuNanos);

    /// <inheritdoc cref="op_Addition"/>
    public static PipelineUsage Add(PipelineUsage one, PipelineUsage other) => one + other;

    /// <inheritdoc cref="op_Subtraction"/>
    public static PipelineUsage Subtract(PipelineUsage later, PipelineUsage earlier) => later - earlier;
}

using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Estream.Host.Metrics;

/// <summary>
/// The resource usage of the process under the standard names of Prometheus client libraries (<c>process_*</c>), so existing dashboards and
/// alerts work, plus a few .NET metrics that explain pauses.
/// </summary>
internal sealed class ProcessMetrics : IDisposable
{
    private readonly Meter _meter = new("Estream.Process");
    private readonly Process _process = Process.GetCurrentProcess();

    public ProcessMetrics()
    {
        double startSeconds = new DateTimeOffset(_process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
        _meter.CreateObservableGauge("process.start_time", () => startSeconds, "s", "Start of the process, seconds since the Unix epoch.");
        _meter.CreateObservableCounter("process.cpu", CpuSeconds, "s", "Processor time used, user and system.");
        _meter.CreateObservableGauge("process.resident_memory", () => Environment.WorkingSet, "By",
            "Resident memory, including mapped pages of queues and maps.");
        _meter.CreateObservableGauge("process.open_fds", OpenFileCount, null, "Open file descriptors.");
        _meter.CreateObservableGauge("dotnet.gc.heap", () => GC.GetTotalMemory(forceFullCollection: false), "By", "Managed heap in use.");
        _meter.CreateObservableCounter("dotnet.gc.allocated", () => GC.GetTotalAllocatedBytes(), "By",
            "Managed bytes allocated since the start.");
        _meter.CreateObservableCounter("dotnet.gc.pause", () => GC.GetTotalPauseDuration().TotalSeconds, "s",
            "Time all threads were paused by the garbage collector.");
        _meter.CreateObservableCounter("dotnet.gc.collections", Collections, null, "Garbage collections by generation.");
        _meter.CreateObservableGauge("dotnet.threadpool.threads", () => ThreadPool.ThreadCount, null, "Threads of the thread pool.");
        _meter.CreateObservableGauge("dotnet.threadpool.queue", () => ThreadPool.PendingWorkItemCount, null,
            "Work items waiting for a thread.");
    }

    public void Dispose()
    {
        _meter.Dispose();
        _process.Dispose();
    }

    private static IEnumerable<Measurement<long>> Collections()
    {
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            yield return new Measurement<long>(GC.CollectionCount(generation), new KeyValuePair<string, object?>("generation", generation));
        }
    }

    private static IEnumerable<Measurement<long>> OpenFileCount()
    {
        const string Descriptors = "/proc/self/fd";
        if (Directory.Exists(Descriptors))
        {
            yield return new Measurement<long>(Directory.EnumerateFileSystemEntries(Descriptors).LongCount());
        }
    }

    private double CpuSeconds()
    {
        _process.Refresh();
        return _process.TotalProcessorTime.TotalSeconds;
    }
}

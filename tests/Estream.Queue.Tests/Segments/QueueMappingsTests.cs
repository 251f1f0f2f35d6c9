using Estream.Core;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A process may have 65,530 mappings (vm.max_map_count) and often 1,024 open files. Long-lived appenders and readers release the
/// segments they have passed, whose disk space would otherwise stay allocated.</summary>
public sealed class QueueMappingsTests : IDisposable
{
    private const long SegmentBytes = 64 << 10;
    private const int MessageBytes = 20_000;

    // Three queue objects keep some tens of mappings between them.
    private const int Most = 300;

    private static readonly int s_segments = LongRun.Count(2_000, 40_000);

    private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_long_running_appender_or_reader_keeps_few_mappings_and_files(AppenderMode mode)
    {
        QueueOptions options = new() { SegmentBytes = SegmentBytes, RetainedBytes = 4 * SegmentBytes };
        using EstreamQueue queue = EstreamQueue.Open(_directory.Path, options);
        using EstreamQueue reading = EstreamQueue.Open(_directory.Path, options);
        using EstreamQueue looking = EstreamQueue.OpenReadOnly(_directory.Path, options);
        using QueueAppender appender = queue.CreateAppender(mode);
        using QueueTailer named = reading.CreateTailer("reader");
        using QueueTailer unnamed = looking.CreateTailer();
        byte[] message = new byte[MessageBytes];
        int mappings = 0;
        int files = 0;
        for (long appended = 1; appender.Append(message) / SegmentBytes < s_segments; appended++)
        {
            Assert.True(named.TryRead(out _) && unnamed.TryRead(out _));
            if (appended % 500 == 0)
            {
                mappings = Math.Max(mappings, Mappings());
                files = Math.Max(files, OpenFiles());
            }
        }

        Assert.InRange(mappings, 1, Most);
        Assert.InRange(files, 1, Most);
    }

    private int Mappings() => File.ReadLines("/proc/self/maps").Count(IsMine);

    // Other tests open and close files meanwhile, so a file descriptor may have no target any more.
    private int OpenFiles() => Directory.GetFiles("/proc/self/fd").Count(file => IsMine(new FileInfo(file).LinkTarget ?? ""));

    private bool IsMine(string line) => line.Contains(_directory.Path, StringComparison.Ordinal);
}

using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>No two blocks of a segment ever have the same nonce. This also holds after an appender is closed and reopened, after a crash
/// when the next appender writes at the same offsets, and among appenders that share a segment.</summary>
public sealed class NonceTests : QueueCase
{
    private readonly Dictionary<string, string> _blocks = [];

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Nonces_never_repeat_across_crashes_and_reopenings(AppenderMode mode)
    {
        QueueOptions options = Encrypted;
        string image = Beside("image");
        for (int life = 0; life < LongRun.Count(40, 1_000); life++)
        {
            // A crash leaves the files as they were at that moment. The test restores an earlier image of the files, so that later appends
            // write to the same offsets again.
            if (life % 3 == 2)
            {
                Directory.Delete(QueueDirectory, recursive: true);
                Copy(image, QueueDirectory);
            }
            else if (life > 0)
            {
                Copy(QueueDirectory, image);
            }

            using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
            using QueueAppender appender = queue.CreateAppender(mode);
            using QueueAppender? second = mode == AppenderMode.Shared ? queue.CreateAppender() : null;
            for (int i = 0; i < 12; i++)
            {
                (i % 2 == 0 ? appender : second ?? appender).Append(BitConverter.GetBytes((life * 100) + i));
            }

            Collect();
        }

        Assert.True(_blocks.Count > 300, $"only {_blocks.Count} blocks were seen");
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    // Records the salt and nonce of each block. A segment gets a new salt when it is created or reused. Two different blocks with the same
    // salt must not have the same nonce.
    private void Collect()
    {
        foreach (long index in SegmentFiles())
        {
            using MemoryRegion region = FileStorage.Instance.OpenRegion(SegmentFile(index), RegionAccess.ReadOnly);
            byte[] segment = region.All.ReadOnlySpan(0, SegmentBytes).ToArray();
            foreach (int offset in BlockByHand.Blocks(segment))
            {
                string nonce = $"{Convert.ToHexString(segment, 200, 16)} {Convert.ToHexString(segment, offset + 24, 12)}";
                string block = Convert.ToHexString(segment, offset, 64 + 24);
                Assert.True(!_blocks.TryGetValue(nonce, out string? known) || known == block, $"two blocks have the nonce {nonce}");
                _blocks[nonce] = block;
            }
        }
    }
}

using System.Buffers.Binary;
using System.Text;
using Estream.Circuits;
using Estream.Circuits.Operations;
using Estream.Core;
using Estream.Esf;
using Estream.Fuzz.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Fuzz.Circuits;

/// <summary>Damages the usage files of circuits: each is read as it is, or rejected with its file name. A failure names the seed that
/// repeats it.</summary>
public sealed class UsageFileFuzzTests
{
    // As in docs/guides/metering.md: a page, then three images of the same size, each a header of 32 bytes and records of 168 bytes.
    private const int HeaderBytes = 4_096;
    private const int ImageBytes = 176_128;
    private const int CountAt = 8;
    private const int CheckAt = 12;
    private const int RecordsAt = 32;
    private const int RecordBytes = 168;
    private const int MostDamaged = RecordsAt + (3 * RecordBytes);

    [Fact]
    public async Task A_damaged_usage_file_is_read_or_rejected()
    {
        using TempDirectory directory = new();
        string path = directory.Combine("circuits.usage");
        await UseAsync(directory);
        byte[] whole = await File.ReadAllBytesAsync(path);
        int newest = HeaderBytes + ImageBytes;
        byte[][] seeds = [whole[newest..(newest + RecordsAt + (2 * RecordBytes))]];
        (int same, int other, int refused) = (0, 0, 0);
        for (int seed = 0; seed < LongRun.Count(400, 40_000); seed++)
        {
            Random random = new(seed);
            byte[] file = [.. whole];
            byte[] image = new Bytes(seed).Damaged(seeds);
            file.AsSpan(newest, MostDamaged).Clear();
            image.AsSpan(0, Math.Min(image.Length, MostDamaged)).CopyTo(file.AsSpan(newest));
            Change(file, random, newest);
            await File.WriteAllBytesAsync(path, file);
            try
            {
                await using CircuitRuntime runtime = new(Options(directory));
                CircuitUsage usage = runtime.UsageOf("acme");
                Assert.True(usage.Operations >= 0 && usage.CpuNanos >= 0 && usage is { MemoryBytes: 0, StorageBytes: 0 });
                (same, other) = usage.Operations == 2 ? (same + 1, other) : (same, other + 1);
            }
            catch (Exception told) when (told is EstreamCorruptionException or EstreamFormatException)
            {
                Assert.Contains(path, told.Message, StringComparison.Ordinal);
                refused++;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(image)}", failure);
            }
        }

        Assert.True(same > 0 && other > 0 && refused > 0,
            $"{same} as before, {other} otherwise, {refused} refused: the damage does not produce both outcomes");
    }

    /// <summary>Applies damage of several kinds: a checksum that matches the damaged content, no other image to fall back to, a damaged
    /// header.</summary>
    private static void Change(byte[] file, Random random, int newest)
    {
        Span<byte> image = file.AsSpan(newest);
        if (random.Next(2) == 0)
        {
            int count = BinaryPrimitives.ReadInt32LittleEndian(image[CountAt..]);
            count = count is >= 0 and <= 3 ? count : 1;
            BinaryPrimitives.WriteInt64LittleEndian(image, random.Next(2, 100));
            BinaryPrimitives.WriteInt32LittleEndian(image[CountAt..], count);
            uint check = Crc32C.Append(Crc32C.Append(0, BinaryPrimitives.ReadInt64LittleEndian(image)), (long)count);
            BinaryPrimitives.WriteUInt32LittleEndian(image[CheckAt..], Crc32C.Append(check, image.Slice(RecordsAt, count * RecordBytes)));
        }

        if (random.Next(2) == 0)
        {
            file.AsSpan(HeaderBytes, RecordsAt).Clear();
        }

        if (random.Next(10) == 0)
        {
            file[random.Next(16)] ^= (byte)(1 << random.Next(8));
        }
    }

    /// <summary>Makes a tenant use resources: one append, which counts as a request and a result.</summary>
    private static async Task UseAsync(TempDirectory directory)
    {
        Circuit circuit = Circuit.Load(RepositoryRoot.Combine("circuits", "queue.append.v1", "queue.append.v1.circuit.yaml"));
        using EstreamQueue log = EstreamQueue.Open(directory.Combine("log"), new QueueOptions { SegmentBytes = 1 << 16 });
        await using CircuitRuntime runtime = new(Options(directory));
        byte[] buffer = new byte[500];
        OperationResources places = new() { Queues = new Dictionary<string, EstreamQueue> { ["log"] = log } };
        foreach (string tenant in new[] { "acme", "globex" })
        {
            OperationCircuit append = runtime.OpenOperation(circuit, places, tenant: tenant);
            Assert.True(
                EsfJson.TryEncode(append.Operation.Request, Encoding.UTF8.GetBytes("""{"payload":"00010203"}"""), buffer,
                    out int length).IsOk);
            MessageBatch requests = new();
            requests.Append(buffer.AsSpan(0, length));
            append.Run(requests, new MessageBatch());
        }
    }

    private static CircuitRuntimeOptions Options(TempDirectory directory) =>
        new() { Resources = new NoPlaces(), SampleEvery = TimeSpan.FromMinutes(1), UsageDirectory = directory.Path };

    /// <summary>Has no resources, because no circuit runs that would request one.</summary>
    private sealed class NoPlaces : IPipelineResources
    {
        public EstreamQueue Queue(string name) => throw new InvalidOperationException($"There is no queue '{name}'.");

        public StateMap<Utf8Key64, LatestEntry> Map(string name) => throw new InvalidOperationException($"There is no map '{name}'.");

        public string StateDirectory(string pipeline) => throw new InvalidOperationException($"'{pipeline}' has no state.");

        public EsfSealer Sealer(EsfSchema schema) => throw new InvalidOperationException($"{schema} has nothing to seal.");
    }
}

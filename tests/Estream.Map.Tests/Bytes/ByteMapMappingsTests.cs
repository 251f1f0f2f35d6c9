using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A process may have 65,530 mappings (vm.max_map_count): a reader that maps segments on demand releases those that were
/// deleted.</summary>
public sealed class ByteMapMappingsTests : IDisposable
{
    private const int Segments = 40_000;

    private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_reader_of_a_busy_map_keeps_few_mappings()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        ByteMapOptions options = new() { InitialCapacity = 0, SegmentBytes = 16 * 1024 };
        using ByteMap map = ByteMap.Open(_directory.Path, options);
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, options);
        byte[] value = new byte[3_000];
        byte[] buffer = new byte[value.Length];
        int most = 0;
        for (int segment = 0; segment < Segments; segment++)
        {
            // This test allocates nothing that would trigger the garbage collector.
            for (int put = 0; put < 6; put++)
            {
                map.Put("key"u8, value);
            }

            Assert.True(reader.TryGet("key"u8, buffer, out int length).IsOk && length == value.Length);
            most = segment % 500 == 499 ? Math.Max(most, Mappings()) : most;
        }

        // The writer waits for the finalizers from 4,096 mappings on; other tests of this process also retire mappings.
        Assert.InRange(most, 1, 8_192);
    }

    private int Mappings() => File.ReadLines("/proc/self/maps").Count(line => line.Contains(_directory.Path, StringComparison.Ordinal));
}

using Estream.Core;
using Estream.Map;

namespace Estream.Cli.Tests;

/// <summary>The keys of encrypted maps on the command line.</summary>
public sealed class MapKeyCommandTests : IDisposable
{
    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Map_keys_can_be_rotated_and_wrapped_again(bool hasVersions)
    {
        string map = Path.Combine(_data.Folder, "maps", "sessions");
        Make(map, hasVersions, Write("first-keys", "first"));
        CliResult rotated = await _data.RunAsync("map", "rotate-key", "sessions", "--key-file", Key("first-keys"));
        Assert.Equal("key 3 encrypts all entries; older keys are deleted\n", rotated.Output);
        CliResult wrapped = await _data.RunAsync("map", "rewrap-keys", "sessions", "--key-file", Write("both", "second", "first"));
        Assert.Equal("2 keys rewrapped with 'second'\n", wrapped.Output);
        CliResult refused = await _data.RunAsync("map", "rotate-key", "sessions", "--key-file", Key("first-keys"));
        Assert.Equal(ExitCode.Failed, refused.Code);
        Assert.Contains("master key 'second'", refused.Error, StringComparison.Ordinal);
        using QueueKeyRing next = QueueKeyRing.FromFile(Write("next", "second"));
        ByteMapOptions options = new() { Keys = next };
        if (hasVersions)
        {
            using VersionedByteMap found = VersionedByteMap.OpenReadOnly(map, options);
            Assert.True(found.ContainsKey("key"u8));
        }
        else
        {
            using ByteMap found = ByteMap.OpenReadOnly(map, options);
            Assert.True(found.ContainsKey("key"u8));
        }
    }

    [Fact]
    public async Task Keys_are_wrapped_again_while_the_map_is_written_and_rotated_only_afterwards()
    {
        string map = Path.Combine(_data.Folder, "maps", "sessions");
        string keys = Write("keys", "first");
        Make(map, hasVersions: true, keys);
        using QueueKeyRing ring = QueueKeyRing.FromFile(keys);
        using (VersionedByteMap.Open(map, new ByteMapOptions { Keys = ring }))
        {
            Assert.Equal(ExitCode.Ok, (await _data.RunAsync("map", "rewrap-keys", "sessions", "--key-file", keys)).Code);
            CliResult refused = await _data.RunAsync("map", "rotate-key", "sessions", "--key-file", keys);
            Assert.Equal(ExitCode.Failed, refused.Code);
        }

        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("map", "rotate-key", "sessions", "--key-file", keys)).Code);
    }

    [Fact]
    public async Task An_unencrypted_or_missing_map_is_not_changed()
    {
        string map = Path.Combine(_data.Folder, "maps", "plain");
        ByteMap.Open(map).Dispose();
        CliResult refused = await _data.RunAsync("map", "rotate-key", "plain", "--key-file", Write("keys", "first"));
        Assert.Equal(ExitCode.Failed, refused.Code);
        Assert.Contains("is not encrypted", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(map, "map.keys")));
        Assert.Equal(ExitCode.Failed, (await _data.RunAsync("map", "rewrap-keys", "nothing", "--key-file", Key("keys"))).Code);
        Assert.False(Directory.Exists(Path.Combine(_data.Folder, "maps", "nothing")));
    }

    private static void Make(string directory, bool hasVersions, string keyFile)
    {
        using QueueKeyRing keys = QueueKeyRing.FromFile(keyFile);
        ByteMapOptions options = new() { Keys = keys };
        if (hasVersions)
        {
            using VersionedByteMap map = VersionedByteMap.Open(directory, options);
            map.Put("key"u8, "value"u8);
        }
        else
        {
            using ByteMap map = ByteMap.Open(directory, options);
            map.Put("key"u8, "value"u8);
        }
    }

    private string Key(string name) => Path.Combine(_data.Folder, name);

    // The key bytes derive from the first letter of the id, so that an id has the same key in all files.
    private string Write(string name, params string[] ids)
    {
        string path = Key(name);
        File.WriteAllText(path, string.Concat(ids.Select(id => $"{id} {Convert.ToHexString([.. Enumerable.Repeat((byte)id[0], 32)])}\n")));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}

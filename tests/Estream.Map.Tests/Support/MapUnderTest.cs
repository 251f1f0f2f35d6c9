using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>The two storages of a map, so that both are tested for the same contract.</summary>
public enum MapHome
{
    Memory,
    Files,
}

/// <summary>A writable map and its folder, if it has one.</summary>
internal sealed class MapUnderTest<TKey, TValue> : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly TempDirectory? _directory;

    public MapUnderTest(MapHome home, long initialCapacity = 0)
    {
        _directory = home == MapHome.Files ? new TempDirectory() : null;
        Map = _directory is null
            ? StateMap.CreateInMemory<TKey, TValue>(initialCapacity)
            : StateMap.Open<TKey, TValue>(_directory.Path, new MapOptions { InitialCapacity = initialCapacity });
    }

    public StateMap<TKey, TValue> Map { get; }

    public void Dispose()
    {
        Map.Dispose();
        _directory?.Dispose();
    }
}

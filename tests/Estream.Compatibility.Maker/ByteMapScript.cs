using System.Text;
using Estream.Map;

namespace Estream.Compatibility;

/// <summary>The operations of <see cref="MapScript"/> on byte maps, with keys and values of many lengths. Never change it: files of old
/// versions contain its results.</summary>
public static class ByteMapScript
{
    private const int LargeBytes = 20_000;

    /// <summary>The key of a number: empty, or a text of up to several hundred bytes.</summary>
    public static byte[] KeyOf(long key) => key == 0
        ? []
        : Encoding.UTF8.GetBytes($"device-{key}-ä{new string('x', (int)(key * 7 % 300))}");

    /// <summary>The value that an operation puts: from zero to several thousand bytes, and sometimes more than fits into a shared
    /// segment.</summary>
    public static byte[] ValueOf(long operation)
    {
        if (operation % 50 != 0)
        {
            return SeededBytes.Of(operation);
        }

        byte[] large = new byte[LargeBytes];
        large.AsSpan().Fill((byte)operation);
        return large;
    }

    /// <summary>Performs an operation on a map, each tenth as a batch, and records its number.</summary>
    public static void Apply(ByteMap map, long operation, long keys)
    {
        byte[] key = KeyOf(MapScript.KeyOf(operation, keys));
        if (operation % 10 == 0)
        {
            using ByteMapBatch batch = map.CreateBatch();
            if (MapScript.IsRemove(operation))
            {
                batch.Remove(key);
            }
            else
            {
                batch.Put(key, ValueOf(operation));
            }

            batch.Commit();
        }
        else if (MapScript.IsRemove(operation))
        {
            map.Remove(key);
        }
        else
        {
            map.Put(key, ValueOf(operation));
        }

        map.SetUserWord(MapScript.DoneWord, operation);
    }

    /// <summary>Performs an operation on a map with versions; the expiry follows from <see cref="MapScript.TimeToLiveOf"/>.</summary>
    /// <returns>The new version, or 0.</returns>
    public static long Apply(VersionedByteMap map, long operation, long keys)
    {
        byte[] key = KeyOf(MapScript.KeyOf(operation, keys));
        long version = 0;
        if (MapScript.IsRemove(operation))
        {
            map.Remove(key);
        }
        else
        {
            version = map.Put(key, ValueOf(operation), MapScript.TimeToLiveOf(operation));
        }

        map.SetUserWord(MapScript.DoneWord, operation);
        return version;
    }
}

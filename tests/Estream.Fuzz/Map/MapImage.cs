using Estream.Map;

namespace Estream.Fuzz.Map;

/// <summary>The files of a small map, to be damaged and restored.</summary>
internal sealed class MapImage<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>The size of the part of the table before the buckets: its header and the undo journal.</summary>
    private const int PageBytes = 4096;

    private static readonly long[] s_words =
        [0, 1, 2, 3, -1, long.MinValue, long.MaxValue, 0x2AAA, 0x2AAB, 0xFF_0001, 0xFF_2AAA, 0xFF_0000, 1L << 24, 1L << 40, 63, 64, 65];

    private readonly Dictionary<string, byte[]> _files = [];

    public MapImage(string directory, Func<long, TKey> keyOf, Func<long, TValue> valueOf)
    {
        Directory = directory;
        using (StateMap<TKey, TValue> map = StateMap.Open<TKey, TValue>(directory, new MapOptions { InitialCapacity = 0 }))
        {
            for (long key = 0; key < map.Capacity; key++)
            {
                map.Put(keyOf(key), valueOf(key));
            }

            // The journal describes the replacement of a value, so that there is a change to undo.
            map.Remove(keyOf(0));
            map.Put(keyOf(1), valueOf(2));
        }

        foreach (string file in System.IO.Directory.GetFiles(directory).Where(f => new FileInfo(f).Length > 0))
        {
            _files.Add(file, File.ReadAllBytes(file));
        }
    }

    public string Directory { get; }

    /// <summary>Changes one to eight positions in headers, in the words after them, in the journal, at the starts of buckets or anywhere.
    /// Occasionally truncates a file instead.</summary>
    public void Damage(Random random)
    {
        for (int i = random.Next(1, 9); i > 0; i--)
        {
            (string path, byte[] content) = _files.ElementAt(random.Next(_files.Count));
            using var file = new FileStream(path, FileMode.Open);
            if (random.Next(80) == 0)
            {
                file.SetLength(random.Next(content.Length));
                continue;
            }

            file.Position = Place(random, content.Length);
            byte[] bytes = random.Next(2) == 0 ? BitConverter.GetBytes(s_words[random.Next(s_words.Length)]) : [(byte)random.Next(256)];
            file.Write(bytes);
        }
    }

    /// <summary>Restores every file, and removes added files.</summary>
    public void Restore()
    {
        foreach (string added in System.IO.Directory.GetFiles(Directory, "table.*").Where(f => !_files.ContainsKey(f)))
        {
            File.Delete(added);
        }

        foreach ((string path, byte[] content) in _files)
        {
            File.WriteAllBytes(path, content);
        }
    }

    // The first page of a file has a word every 8 bytes and the second page of a table its journal; buckets start at multiples of 16 bytes.
    private static int Place(Random random, int length) => random.Next(8) switch
    {
        0 => random.Next(96),
        1 => 512 + (8 * random.Next(24)),
        2 => Math.Min(PageBytes, length - PageBytes) + (8 * random.Next(9)),
        3 => random.Next(length - 8),
        _ => random.Next(length / 16) * 16,
    };
}

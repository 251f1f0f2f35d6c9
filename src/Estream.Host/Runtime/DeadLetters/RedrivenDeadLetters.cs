using System.Globalization;
using System.Text;
using Estream.Core;

namespace Estream.Host.Runtime;

/// <summary>The dead letters of a queue that were stored again, in a file of ranges of sequence numbers. Not thread-safe.</summary>
internal sealed class RedrivenDeadLetters
{
    private const string Header = "estream redriven 1";

    private readonly string _path;
    private readonly long _queue;
    private readonly List<(long First, long Last)> _ranges = [];

    private RedrivenDeadLetters(string path, long queue) => (_path, _queue) = (path, queue);

    /// <summary>Reads the file; nothing if it does not exist, or is of an earlier queue of this name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="queue">The id of the queue.</param>
    /// <exception cref="EstreamCorruptionException">The file is damaged.</exception>
    public static RedrivenDeadLetters Load(string path, long queue)
    {
        RedrivenDeadLetters deadLetters = new(path, queue);
        string[] lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (lines.Length > 1 && lines[1] != IdText(queue))
        {
            return deadLetters;
        }

        foreach (string line in lines.Skip(2))
        {
            string[] bounds = line.Split('-');
            deadLetters._ranges.Add(bounds.Length == 2 && TryNumber(bounds[0], out long first) && TryNumber(bounds[1], out long last)
                ? (first, last)
                : throw new EstreamCorruptionException($"'{path}' is damaged at '{line}'. Delete the file; dead letters that were sent "
                    + "before are then sent again.", path, 0));
        }

        return deadLetters;
    }

    public bool Contains(long sequence) => Find(sequence) is var at && at > 0 && _ranges[at - 1].Last >= sequence;

    public void Add(long sequence)
    {
        int at = Find(sequence);
        bool follows = at > 0 && _ranges[at - 1].Last + 1 >= sequence;
        bool precedes = at < _ranges.Count && _ranges[at].First == sequence + 1;
        if (follows && _ranges[at - 1].Last >= sequence)
        {
            return;
        }

        (long first, long last) = (follows ? _ranges[at - 1].First : sequence, precedes ? _ranges[at].Last : sequence);
        int start = follows ? at - 1 : at;
        _ranges.RemoveRange(start, (follows ? 1 : 0) + (precedes ? 1 : 0));
        _ranges.Insert(start, (first, last));
    }

    /// <summary>Replaces the file.</summary>
    /// <param name="oldest">The sequence number of the oldest message of the queue; earlier ones are left out.</param>
    public void Save(long oldest)
    {
        StringBuilder text = new($"{Header}\n{IdText(_queue)}\n");
        foreach ((long first, long last) in _ranges.Where(range => range.Last >= oldest))
        {
            text.Append(CultureInfo.InvariantCulture, $"{first}-{last}\n");
        }

        FileStorage.Instance.CreateDirectory(Path.GetDirectoryName(_path)!);
        using (FileStream file = new(_path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(Encoding.ASCII.GetBytes(text.ToString()));
            file.Flush(flushToDisk: true);
        }

        File.Move(_path + ".tmp", _path, overwrite: true);
    }

    // Returns the index of the first range that starts after a number.
    private int Find(long sequence)
    {
        int low = 0;
        for (int high = _ranges.Count; low < high;)
        {
            int middle = (low + high) / 2;
            (low, high) = _ranges[middle].First <= sequence ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static string IdText(long queue) => queue.ToString("x16", CultureInfo.InvariantCulture);

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

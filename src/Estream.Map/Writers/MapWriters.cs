namespace Estream.Map;

/// <summary>How many write to a map at the same time; see <see cref="MapOptions.Writers"/>.</summary>
public enum MapWriters
{
    /// <summary>One object of one process, and one thread of it at a time. No atomic instruction, the fastest.</summary>
    One,

    /// <summary>
    /// Any number of processes, up to 256 threads at a time altogether. A write locks the stripe of its key, which costs about 20 ns more.
    /// The lock of a writer that was killed is taken over by the next one that wants it, and what it left half-written is taken back.
    /// </summary>
    Many,
}

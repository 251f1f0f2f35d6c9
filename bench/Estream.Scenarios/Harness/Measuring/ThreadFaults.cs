using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Estream.Scenarios.Harness;

/// <summary>
/// Counts the page faults of the thread that created it, from <c>/proc/thread-self/stat</c>: the same count that
/// <c>getrusage(RUSAGE_THREAD)</c> gives in C. Counting allocates nothing, because new memory causes page faults too.
/// </summary>
internal sealed class ThreadFaults : IDisposable
{
    private const string Statistics = "/proc/thread-self/stat";

    /// <summary>Numbers of the fields after the program name, which is in brackets and may contain spaces.</summary>
    private const int MinorField = 8;
    private const int MajorField = 10;

    private readonly byte[] _text = new byte[1024];
    private readonly SafeFileHandle? _file = File.Exists(Statistics) ? File.OpenHandle(Statistics) : null;

    /// <summary>Returns the faults since the thread started; null if the kernel does not count them.</summary>
    public long? Count()
    {
        if (_file is null)
        {
            return null;
        }

        ReadOnlySpan<byte> text = _text.AsSpan(0, RandomAccess.Read(_file, _text, fileOffset: 0));
        text = text[(text.LastIndexOf((byte)')') + 1)..];
        return Field(text, MinorField) + Field(text, MajorField);
    }

    public void Dispose() => _file?.Dispose();

    private static long Field(ReadOnlySpan<byte> text, int number)
    {
        for (; number > 0; number--)
        {
            text = text[(text.IndexOf((byte)' ') + 1)..];
        }

        return Utf8Parser.TryParse(text, out long value, out _)
            ? value
            : throw new ScenarioException($"'{Statistics}' does not have the expected fields");
    }
}

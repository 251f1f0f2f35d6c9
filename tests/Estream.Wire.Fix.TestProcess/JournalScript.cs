using System.Globalization;
using System.Text;
using Estream.Queue;

namespace Estream.Wire.Fix.TestProcess;

/// <summary>What the test process writes into a journal, for the tests to know what to find.</summary>
public static class JournalScript
{
    /// <summary>Bytes of the longest message.</summary>
    public const int MaxMessageBytes = 1_024;

    /// <summary>Begins a line of the output that acknowledges a message.</summary>
    public const string Stored = "stored ";

    /// <summary>Small segments, of which some are given up all the time.</summary>
    public static QueueOptions Options { get; } = new() { SegmentBytes = 64 * 1024, RetainedBytes = 512 * 1024 };

    /// <summary>The message of a number: of another length than its neighbours, and another content.</summary>
    public static byte[] Message(long number)
    {
        string text = number.ToString(CultureInfo.InvariantCulture);
        return Encoding.ASCII.GetBytes($"message {text} {new string((char)('a' + (number % 26)), (int)(number * 37 % 700))}");
    }
}

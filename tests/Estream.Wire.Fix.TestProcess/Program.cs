using System.Globalization;
using Estream.Queue;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix.TestProcess;

/// <summary>The other process of the tests of journals: it sends and receives until it is killed.</summary>
public static class Program
{
    public static int Main(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        switch (arguments)
        {
            case ["journal", string directory]:
                WriteForEver(directory);
                return 0;
            default:
                Console.Error.WriteLine("usage: journal DIRECTORY");
                return 2;
        }
    }

    /// <summary>Each number once as sent and then as received; what stands on the output is in the journal.</summary>
    private static void WriteForEver(string directory)
    {
        using EstreamQueue queue = EstreamQueue.Open(directory, JournalScript.Options);
        using FixQueueStore store = new(queue, JournalScript.MaxMessageBytes);
        while (true)
        {
            long number = store.NextOutgoing;
            store.Append(JournalScript.Message(number));
            store.Advance(number + 1);
            Console.WriteLine($"{JournalScript.Stored}{number.ToString(CultureInfo.InvariantCulture)}");
        }
    }
}

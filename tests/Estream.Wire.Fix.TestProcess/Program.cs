using System.Globalization;
using Estream.Queue;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix.TestProcess;

/// <summary>The child process of the journal tests: sends and receives until killed.</summary>
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

    /// <summary>Records each number as sent and then as received. A number is in the journal before it is written to the output.</summary>
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

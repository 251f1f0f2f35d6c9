// Sends messages to a card and receives them back: the card numbers, checks and hashes each message as a leaf of the witness's tree.
//
//   dotnet run --project samples/FpgaLoopback -- [CARD]
//
// CARD is sim: (the simulated circuit of the card; the default), vfio:0000:3b:00.0 for a real card, or loopback: for a device without a
// card, which answers every submission.

using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Fpga;

const int Messages = 1_000;

string uri = args.Length > 0 ? args[0] : "sim:";
if (FpgaCard.Missing is string missing)
{
    Console.WriteLine(missing);
    return 2;
}

try
{
    using FpgaCard card = FpgaCard.Open(uri);
    Console.WriteLine($"{card.Info.Uri} is {(card.Info.IsSimulated ? "simulated" : "a card")}; engines: {card.Info.Engines}");

    // The card reads the messages directly from this memory.
    using FpgaMemory memory = card.AllocateMemory(2 << 20);
    int right = 0;
    int mostCycles = 0;
    for (int i = 0; i < Messages; i++)
    {
        byte[] text = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"message {i} of a queue, too long for the inline data of a submission"));
        text.CopyTo(memory.Span(0, text.Length));

        // The submission is written once, in its place in the queue. Ring notifies the card; one call is enough for a batch of submissions.
        ref FpgaSubmission place = ref card.Queue.Next();
        place.Head(CardOperation.Append, lane: 0, (uint)text.Length);
        place.Address = memory.Address;
        place.UserData = (ulong)i;
        place.Inline = default;
        place.Argument = 0;
        card.Queue.Ring();
        if (card.Queue.Wait(1, TimeSpan.FromSeconds(10)) is FpgaFailure failure)
        {
            Console.WriteLine($"the card failed: {failure}");
            return 1;
        }

        ref readonly FpgaCompletion answer = ref card.Queue.Current;
        right += answer.Sequence == (ulong)i && (!card.Info.HasAppend || answer.Info == Crc32C.Compute(text)) ? 1 : 0;
        mostCycles = Math.Max(mostCycles, answer.Cycles);
        card.Queue.Advance();
    }

    Console.WriteLine($"{right} of {Messages} came back numbered and checked, each in at most {mostCycles} cycles of the card's clock");
    return right == Messages ? 0 : 1;
}
catch (EstreamFpgaException error)
{
    Console.WriteLine(error.Message);
    return 2;
}

// Sends messages to a card, there and back: each is numbered and checked by the card, and hashed as a leaf of the witness's tree.
//
//   dotnet run --project samples/FpgaLoopback -- [CARD]
//
// CARD is sim: (the card's circuit, simulated; the default), vfio:0000:3b:00.0 for a real one, or loopback: which answers whatever comes.

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
    Console.WriteLine($"{card.Info.Uri} is {(card.Info.IsSimulated ? "no hardware" : "a card")}; engines: {card.Info.Engines}");

    // Memory that the card reads: a message is written where the card finds it.
    using FpgaMemory memory = card.AllocateMemory(2 << 20);
    int right = 0;
    int mostCycles = 0;
    for (int i = 0; i < Messages; i++)
    {
        byte[] text = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"message {i} of a queue, longer than what fits into a submission"));
        text.CopyTo(memory.Span(0, text.Length));

        // Written once, in place; the card hears of it by Ring. A batch of them costs one call.
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

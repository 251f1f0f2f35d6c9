// Appends typed messages to a queue, and folds them into a map of the newest value per device. Queue, map and the named tailer are files
// in the data folder: run the program twice, and it continues where it was. Other processes may read the same files meanwhile.

using Embedded.Queue;
using Estream.Map;
using Estream.Queue;

string data = args.Length > 0 ? args[0] : "data";
using EstreamQueue queue = EstreamQueue.Open(Path.Combine(data, "readings"));
using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
{
    for (int i = 0; i < 10; i++)
    {
        // Writes the message in place. Disposing the claim without Commit aborts it.
        using AppendClaim claim = appender.Claim(Reading.MaxLength);
        Reading.Writer reading = Reading.Write(claim.Span);
        reading.Device = i % 2 == 0 ? "pump-1"u8 : "pump-2"u8;
        reading.Value = 20 + i;
        claim.Commit(reading.Length);
    }
}

long count = 0;
using QueueTailer tailer = queue.CreateTailer("newest");
using StateMap<Utf8Key64, double> newest = StateMap.Open<Utf8Key64, double>(Path.Combine(data, "newest"));
while (tailer.TryRead(out QueueMessage message))
{
    Reading.View reading = Reading.View.Of(message.Payload);
    if (Utf8Key64.TryCreate(reading.Device, out Utf8Key64 device))
    {
        newest.Put(device, reading.Value);
        count++;
    }
}

Console.WriteLine($"{count} messages were read; {newest.Count} devices");

// Appends typed messages to a queue, folds them into a map of the newest value per device, and reads that map as another process would.
//
//   dotnet run --project samples/QuickStart -- DIRECTORY      (without DIRECTORY: quickstart-data)
//
// Run the program twice: the queue and its named reader continue where they were.

using System.Globalization;
using System.Text;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;

const int Devices = 10;
const int Messages = 1_000;
const int MaxMessageBytes = 256;

string data = args.Length > 0 ? args[0] : "quickstart-data";
using EstreamQueue queue = EstreamQueue.Open(Path.Combine(data, "queue"));
using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
{
    for (int i = 0; i < Messages; i++)
    {
        // Writes the message in place, in the memory that readers see; disposing the claim without Commit aborts it.
        using AppendClaim claim = appender.Claim(MaxMessageBytes);
        IoTTelemetry.Writer reading = IoTTelemetry.Write(claim.Span);
        reading.DeviceId = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"pump-{i % Devices}"));
        reading.MetricName = "temperature"u8;
        reading.Value = 20 + (i / 100.0);
        claim.Commit(reading.Length);
    }
}

long folded = 0;
using (QueueTailer tailer = queue.CreateTailer("newest"))
using (StateMap<Utf8Key64, double> newest = StateMap.Open<Utf8Key64, double>(Path.Combine(data, "newest")))
{
    while (tailer.TryRead(out QueueMessage message))
    {
        IoTTelemetry.View reading = IoTTelemetry.View.Of(message.Payload);
        if (Utf8Key64.TryCreate(reading.DeviceId, out Utf8Key64 device))
        {
            newest.Put(device, reading.Value);
            folded++;
        }
    }
}

using StateMap<Utf8Key64, double> map = StateMap.OpenReadOnly<Utf8Key64, double>(Path.Combine(data, "newest"));
Console.WriteLine($"{folded} messages, {map.Count} devices");
foreach ((Utf8Key64 device, double value) in map.OrderBy(entry => entry.Key.ToString(), StringComparer.Ordinal))
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{device} {value:0.00}"));
}

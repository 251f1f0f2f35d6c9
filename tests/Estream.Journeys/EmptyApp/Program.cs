using Estream.Map;
using Estream.Queue;
using Estream.Streams;
using Plant.Meters;

string data = args[0];
using (EstreamQueue queue = EstreamQueue.Open(Path.Combine(data, "queue")))
using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
{
    var readings = new EsfAppender<MeterReading.Writer>(appender);
    for (int i = 0; i < 1000; i++)
    {
        using EsfClaim<MeterReading.Writer> claim = readings.Claim();
        MeterReading.Writer reading = claim.Begin();
        reading.Meter = System.Text.Encoding.UTF8.GetBytes($"meter-{i % 10}");
        reading.TakenAt = 1_700_000_000_000_000_000 + i;
        reading.Kwh = i / 4.0;
        reading.Tariff = i % 2 == 0 ? Tariff.Day : Tariff.Night;
        claim.Commit(reading);
    }
}

using (EstreamQueue queue = EstreamQueue.OpenReadOnly(Path.Combine(data, "queue")))
using (QueueTailer tailer = queue.CreateTailer())
using (StateMap<Utf8Key64, Reading> latest = StateMap.Open<Utf8Key64, Reading>(Path.Combine(data, "latest")))
{
    var readings = new EsfTailer<MeterReading.View>(tailer);
    while (readings.TryRead(out EsfMessage<MeterReading.View> message))
    {
        MeterReading.View reading = message.View;
        Utf8Key64.TryCreate(reading.Meter, out Utf8Key64 key);
        latest.Put(key, new Reading { TakenAt = reading.TakenAt, Kwh = reading.Kwh, Tariff = (int)reading.Tariff });
    }
}

using StateMap<Utf8Key64, Reading> map = StateMap.OpenReadOnly<Utf8Key64, Reading>(Path.Combine(data, "latest"));
Utf8Key64.TryCreate("meter-7"u8, out Utf8Key64 seven);
bool found = map.TryGet(seven, out Reading last);
Console.WriteLine($"{map.Count} meters; meter-7: {found} {last.TakenAt} {last.Kwh} {(Tariff)last.Tariff}");

internal struct Reading
{
    public long TakenAt;
    public double Kwh;
    public long Tariff;
}

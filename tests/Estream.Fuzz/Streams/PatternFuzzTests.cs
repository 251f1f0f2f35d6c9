using Estream.Core;
using Estream.Fuzz.Esf;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams;
using Estream.Testing;

namespace Estream.Fuzz.Streams;

/// <summary>
/// Damages the messages that implement stream patterns, mixes them with other messages, and reads them. The result is consistent,
/// or an error states the position; never another exception. A failure names its seed.
/// </summary>
public sealed class PatternFuzzTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _queue;
    private readonly EstreamQueue _log;
    private readonly ByteMap _store;
    private readonly List<byte[]> _seeds = [];

    public PatternFuzzTests()
    {
        _queue = Open("queue");
        _log = Open("log");
        _store = ByteMap.Open(_directory.Combine("store"));
        MakeSeeds();
    }

    public void Dispose()
    {
        _store.Dispose();
        _log.Dispose();
        _queue.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Damaged_pattern_records_are_read_skipped_or_rejected()
    {
        using QueueAppender appender = _queue.CreateAppender(AppenderMode.Exclusive);
        using ByteMap state = ByteMap.Open(_directory.Combine("state"));
        using EsfStateReader<IoTTelemetry.View> states =
            new EsfState<IoTTelemetry.View>(_queue, (scoped in IoTTelemetry.View reading) => reading.DeviceId).CreateReader(state);
        using QueueTailer curatedTailer = _queue.CreateTailer();
        using QueueTailer mediaTailer = _queue.CreateTailer();
        using QueueTailer transactionTailer = _queue.CreateTailer();
        var curated = new EsfModeratedTailer<IoTTelemetry.View>(curatedTailer);
        var media = new EsfMediaTailer(mediaTailer);
        using var transactional = new EsfTransactionalTailer<IoTTelemetry.View>(transactionTailer, _log);
        int read = 0, refused = 0;
        for (int seed = 0; seed < LongRun.Count(20_000, 1_000_000); seed++)
        {
            appender.Append(new Bytes(seed).Damaged(_seeds));
            Try(seed, ref read, ref refused,
                () => states.TryRead(out EsfStateEntry<IoTTelemetry.View> entry) && (entry.IsRemoved || Look(entry.View)));
            Try(seed, ref read, ref refused, () => curated.TryRead(out EsfModerated<IoTTelemetry.View> item) && Look(item.View));
            Try(seed, ref read, ref refused, () => media.TryRead(out EsfMediaObject? film) && ReadAll(film));
            Try(seed, ref read, ref refused, () => transactional.TryRead(out EsfMessage<IoTTelemetry.View> message) && Look(message.View));

            // Skips messages that would wait forever, because their decision never comes or because they belong to another log.
            transactionTailer.SeekToEnd();
        }

        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused: the damage does not produce both outcomes");
        LogVerification verification = new EsfLog(_queue).Verify();
        Assert.False(verification.IsWhole);
    }

    [Fact]
    public void A_damaged_signal_is_read_or_rejected()
    {
        using VersionedByteMap map = VersionedByteMap.CreateInMemory();
        var reader = new EsfSignalReader<IoTTelemetry.View>(map, 1_000);
        int read = 0, refused = 0;
        for (int seed = 0; seed < LongRun.Count(20_000, 1_000_000); seed++)
        {
            map.Put("k"u8, new Bytes(seed).Damaged(_seeds));
            Try(seed, ref read, ref refused, () => reader.TryRead("k"u8, out EsfSignal<IoTTelemetry.View> signal) && Look(signal.View));
        }

        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused: the damage does not produce both outcomes");
    }

    private static void Try(int seed, ref int read, ref int refused, Func<bool> look)
    {
        try
        {
            read += look() ? 1 : 0;
        }
        catch (EstreamException)
        {
            refused++;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"seed {seed}: {error.Message}", error);
        }
    }

    private static bool Look(IoTTelemetry.View view) => view.DeviceId.Length + view.MetricName.Length >= 0 && !double.IsNaN(view.Value);

    private bool ReadAll(EsfMediaObject film)
    {
        using Stream stream = film.OpenRead(_store);
        byte[] buffer = new byte[512];
        while (stream.Read(buffer) > 0)
        {
        }

        return true;
    }

    private EstreamQueue Open(string name) => EstreamQueue.Open(_directory.Combine(name), new QueueOptions { SegmentBytes = 1 << 20 });

    private void MakeSeeds()
    {
        using EstreamQueue made = Open("made");
        using EstreamQueue decided = Open("decided");
        using (QueueAppender appender = made.CreateAppender())
        {
            long proposal = Propose(appender);
            EsfState.Remove(appender, "pump-7"u8);
            new EsfLog(made).Seal(appender);
            using (var transactions = new EsfTransactions(_log))
            {
                using EsfTransaction transaction = transactions.Begin();
                transaction.Append(appender, Reading());
                transaction.Commit();
            }

            using var approver = new EsfApprover<IoTTelemetry.View>(made, decided, "a");
            approver.Approve(proposal);
            approver.Reject(Propose(appender), "no");
            using var media = new EsfMediaWriter(made, _store);
            using EsfMediaUpload upload = media.Begin("film", "video/mp4", 1_024);
            upload.Write(new byte[2_500]);
            upload.Commit();
        }

        foreach (EstreamQueue queue in new[] { made, decided, _log })
        {
            using QueueTailer tailer = queue.CreateTailer();
            while (tailer.TryRead(out QueueMessage message))
            {
                _seeds.Add(message.Payload.ToArray());
            }
        }
    }

    private static long Propose(QueueAppender appender) => appender.Append(Reading());

    private static byte[] Reading()
    {
        byte[] buffer = new byte[200];
        IoTTelemetry.Writer writer = IoTTelemetry.Write(buffer);
        writer.DeviceId = "pump-7"u8;
        writer.MetricName = "flow"u8;
        writer.Value = 1;
        return buffer[..writer.Length];
    }
}

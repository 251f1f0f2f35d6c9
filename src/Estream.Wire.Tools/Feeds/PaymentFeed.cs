using System.Globalization;
using System.Text;
using Estream.Core;

namespace Estream.Wire.Tools.Feeds;

/// <summary>A simulated bank that writes credit transfers (pacs.008) to the folder of an adapter, one per file, and counts the files that
/// the adapter takes or refuses.</summary>
internal sealed class PaymentFeed : IFeed
{
    // The maximum number of files in the folder, also while no adapter runs.
    private const int MaxWaiting = 1_000;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);

    private readonly string _folder;
    private readonly double _messagesPerSecond;
    private readonly IClock _clock;
    private readonly string _run;
    private readonly Queue<string> _waiting = new();
    private long _written;
    private long _bytes;
    private long _taken;
    private long _refused;

    public PaymentFeed(string folder, double messagesPerSecond, long maxMessages, IClock clock)
    {
        _folder = folder;
        _messagesPerSecond = messagesPerSecond;
        _clock = clock;
        _run = (clock.UtcNanos / 1_000_000).ToString("x", CultureInfo.InvariantCulture);
        MaxMessages = maxMessages;
    }

    public long MaxMessages { get; }

    private bool IsAllWritten => MaxMessages > 0 && _written >= MaxMessages;

    public FeedCounts Count(long monotonicNanos)
    {
        return new FeedCounts(
            Interlocked.Read(ref _written), Interlocked.Read(ref _taken), Interlocked.Read(ref _refused), Interlocked.Read(ref _bytes),
            null, 0, "taken", monotonicNanos);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(s_tick);
        FeedPace pace = new(_messagesPerSecond, _clock);
        while (!cancellation.IsCancellationRequested && !(IsAllWritten && _waiting.Count == 0))
        {
            for (long due = pace.Take(); due > 0 && !IsAllWritten && _waiting.Count < MaxWaiting; due--)
            {
                Put();
            }

            LookAfter();
            await timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    // Writes the file under a name that adapters ignore and then renames it, so that no adapter reads an incomplete file.
    private void Put()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{_run}-{_written:D9}.xml");
        byte[] document = Encoding.UTF8.GetBytes(Transfer(_written));
        string part = Path.Combine(_folder, name + ".part");
        File.WriteAllBytes(part, document);
        File.Move(part, Path.Combine(_folder, name));
        _waiting.Enqueue(name);
        Interlocked.Add(ref _bytes, document.Length);
        Interlocked.Increment(ref _written);
    }

    // An adapter takes the files in the order of their names, and moves them.
    private void LookAfter()
    {
        while (_waiting.TryPeek(out string? name) && !File.Exists(Path.Combine(_folder, name)))
        {
            if (File.Exists(Path.Combine(_folder, "refused", name)))
            {
                Interlocked.Increment(ref _refused);
            }
            else
            {
                Interlocked.Increment(ref _taken);
            }

            _waiting.Dequeue();
        }
    }

    private string Transfer(long number)
    {
        string time = DateTimeOffset.FromUnixTimeMilliseconds(_clock.UtcNanos / 1_000_000)
            .ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"""
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12"><FIToFICstmrCdtTrf><GrpHdr><MsgId>{_run}-{number}</MsgId><CreDtTm>{time}</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>E-{number}</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="EUR">{100 + (number % 900)}.{number % 100:D2}</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr><Nm>Debtor {number % 1_000}</Nm></Dbtr><DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Creditor {number % 777}</Nm></Cdtr></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>
            """);
    }
}

using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Simulation.Machine;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Iso20022;
using Estream.Wire.Iso20022.Folders;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// The payment folder with its queue on the simulated machine. Processes are killed and the power is cut at every step of taking a file,
/// storing it and moving it. No file is in <c>done</c> whose message is missing, none is stored twice, and the order is kept.
/// </summary>
/// <remarks>
/// The folder is a real directory, so a power cut loses no file. The product flushes the record of a file before it stores its
/// message, and keeps the record until the move to <c>done</c> is flushed. At times the scenario prevents moves, so that another client
/// appends to the queue between the message of a file and the move of the file.
/// </remarks>
internal sealed class PaymentIngressScenario(Simulation run) : Scenario(run)
{
    private const int SegmentBytes = 64 << 10;
    private const string Payments = "/payments";
    private const string Letters = "/dead-letters";
    private const string Foreign = "<Foreign/>";

    private static readonly EsfSchema s_schema = DocumentSchema();
    private static readonly byte[] s_foreign = EncodeForeign();

    private readonly bool _isEvery = run.Seed % 2 == 0;
    private readonly TempDirectory _directory = new();
    private EstreamQueue? _payments;
    private EstreamQueue? _letters;
    private IngressSinks? _sinks;
    private FolderWork? _work;
    private CancellationTokenSource _blocked = new();
    private int _written;

    protected override IEnumerable<Step> Steps =>
    [
        new Step("a file comes", 30, Put),
        new Step("look into the folder", 30, LookInto),
        new Step("close and open", 2, CloseAndOpen),
        new Step("another client appends", 10, AppendForeign),
        new Step("files cannot be moved", 3, HideDone),
        new Step("files can be moved", 6, ShowDone),
    ];

    private string Folder => _directory.Combine("in");

    private string Done => Path.Combine(Folder, "done");

    private string Hidden => _directory.Combine("hidden");

    protected override void Begin()
    {
        Directory.CreateDirectory(Folder);
        Open();
    }

    protected override void End()
    {
        Machine.FailureChance = default;
        Machine.CapacityBytes = long.MaxValue;
        ShowDone();
        CloseAndOpen();
        LookInto();
        Check.That(Files(Done).Count == _written, $"{_written} files came, {Files(Done).Count} are done");
        CheckQueue();
        Close();
    }

    protected override void Release() => _directory.Dispose();

    protected override void Recover(Death death)
    {
        (_work, _sinks, _payments, _letters) = (null, null, null, null);
        Open();
        CheckQueue();
    }

    private void Open()
    {
        QueueOptions options = new()
        {
            SegmentBytes = SegmentBytes, Storage = Process, Clock = Machine.Clock, Background = Machine.Background,
            IngressDurability = _isEvery ? Durability.Every : Durability.GroupCommit(),
        };
        _letters = EstreamQueue.Open(Letters, options);
        _payments = EstreamQueue.Open(Payments, options);
        _sinks = new IngressSinks(_letters, EsfSchemaSet.BuiltIn, clock: Machine.Clock);
        _sinks.Add("payments", _payments);
        AdapterContext context = new("bank", EsfSchemaSet.BuiltIn, _sinks, Machine.Clock, Happened);
        _work = new FolderWork(
            new Iso20022FolderOptions { Folder = Folder },
            new IngressRoutes(
                [TopicMapping.Raw(Iso20022FolderFactory.DocumentTopic, s_schema, "payments", "document")], _sinks),
            context);
        _work.Prepare();
    }

    private void Close()
    {
        _work?.Dispose();
        _sinks?.Dispose();
        _payments?.Dispose();
        _letters?.Dispose();
        (_work, _sinks, _payments, _letters) = (null, null, null, null);
    }

    private void CloseAndOpen()
    {
        Try(Close);
        Ensure();
    }

    private bool Ensure() => _work is not null || Try(() =>
    {
        Close();
        Open();
    });

    // The product waits while the disk is full. The scenario cancels the wait and continues.
    private void Happened(AdapterEvent happened)
    {
        if (happened.Kind == AdapterEventKind.StorageBlocked)
        {
            _blocked.Cancel();
        }
    }

    // The product creates "done" again at its next start.
    private void HideDone()
    {
        if (!Directory.Exists(Hidden) && Directory.Exists(Done))
        {
            Directory.Move(Done, Hidden);
        }
    }

    private void ShowDone()
    {
        if (Directory.Exists(Hidden))
        {
            Directory.CreateDirectory(Done);
            Files(Hidden).ForEach(name => File.Move(Path.Combine(Hidden, name), Path.Combine(Done, name)));
            Directory.Delete(Hidden);
        }
    }

    private void AppendForeign() => Try(() =>
    {
        if (Ensure() && _sinks!.TryGet("payments", out IngressSink? sink))
        {
            sink.Enter();
            try
            {
                sink.TryAppend(s_foreign, note: null);
            }
            finally
            {
                sink.Exit();
            }
        }
    });

    private void Put()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{_written:D6}.xml");
        File.WriteAllText(Path.Combine(Folder, name), $"<Document>{_written}</Document>");
        _written++;
    }

    private void LookInto()
    {
        if (!Ensure())
        {
            return;
        }

        _blocked.Dispose();
        _blocked = new CancellationTokenSource();
        try
        {
            _work!.Look(_blocked.Token);
        }
        catch (OperationCanceledException)
        {
            // The product reports a full disk only once, so the scenario could not cancel the next wait. It reopens the queues instead.
            Run.Note("  the queue takes nothing");
            CloseAndOpen();
        }

        if (_work?.Failure is not null)
        {
            // After a failed flush the queue refuses until it is recovered; a host would be restarted for this.
            Run.Note("  not moved");
            CloseAndOpen();
        }

        CheckQueue();
    }

    private void CheckQueue()
    {
        if (!Ensure())
        {
            return;
        }

        Try(() =>
        {
            List<string> stored = [];
            using QueueTailer tailer = _payments!.CreateTailer();
            while (tailer.TryRead(out QueueMessage message))
            {
                string document = DocumentOf(message.Payload);
                if (document != Foreign)
                {
                    stored.Add(document);
                }
            }

            for (int place = 0; place < stored.Count; place++)
            {
                Check.That(stored[place] == $"<Document>{place}</Document>", $"{stored[place]} stands where {place} is expected");
            }

            int done = Files(Done).Count;
            Check.That(stored.Count >= done, $"{done} files are done, {stored.Count} are stored");
            Check.That(stored.Count <= _written, $"{_written} files came, {stored.Count} are stored");
        });
    }

    private static List<string> Files(string folder) => Directory.Exists(folder)
        ? [.. Directory.GetFiles(folder, "*.xml").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
        : [];

    private static string DocumentOf(ReadOnlySpan<byte> payload)
    {
        string text = EsfJson.ToText(s_schema, payload);
        int start = text.IndexOf(":\"", StringComparison.Ordinal) + 2;
        return Encoding.ASCII.GetString(Convert.FromHexString(text[start..text.IndexOf('"', start)]));
    }

    private static byte[] EncodeForeign()
    {
        byte[] message = new byte[256];
        string hex = Convert.ToHexStringLower(Encoding.ASCII.GetBytes(Foreign));
        EsfStatus status = EsfJson.TryEncode(s_schema, Encoding.UTF8.GetBytes($$"""{"document":"{{hex}}"}"""), message, out int length);
        Check.That(status.IsOk, $"the foreign message is encoded: {status}");
        return message[..length];
    }

    private static EsfSchema DocumentSchema()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("documents.esf.yaml");
        File.WriteAllText(file, """
            version: "1.0"
            namespace: simulation
            schemas:
              Document:
                description: "A document as it came"
                lattice: simulation.document
                fields:
                  document: { type: bytes }
            """);
        return EsfSchemaSet.Load(file).TryGet("Document", out EsfSchema? schema)
            ? schema
            : throw new InvalidOperationException("The schema was not read.");
    }
}

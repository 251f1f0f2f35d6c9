using System.Buffers;
using System.Diagnostics;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Wire;
using Estream.Wire.Iso20022;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream</c> row of `iso20022-client`: each payment is checked against its schema, recorded and sent, and its report is checked,
/// sealed and stored. Payments are emitted one by one, as the host emits those of a queue. A round ends when every payment is settled.
/// </summary>
internal sealed class Iso20022ClientContender : IContender
{
    private const string SchemaFile = "iso20022.esf.yaml";
    private const string Reports = "reports";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly ChildProcess _bank;
    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();
    private readonly EstreamQueue _deadLetters;
    private readonly EstreamQueue _reports;
    private readonly IngressSinks _sinks;
    private readonly Iso20022Client _client;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _ingesting;
    private readonly Samples _samples;
    private readonly EgressMessage _message = new();
    private readonly byte[] _document = PaymentExchange.Transfer();
    private int _number;

    public Iso20022ClientContender(ContenderContext context)
    {
        _samples = new Samples(PaymentExchange.Payments(context.Size));
        _bank = PaymentAnswerer.Start(out int port);
        EsfSchemaSet schemas = EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Load(Path.Combine(AppContext.BaseDirectory, SchemaFile)));
        EsfAudienceKeys keys = EsfAudienceKeys.None.With("payment_agent", _key.PublicKey).With("auditor", _key.PublicKey)
            .With("regulator", _key.PublicKey);
        _deadLetters = EstreamQueue.Open(Path.Combine(context.Directory, "dead-letters"));
        _reports = EstreamQueue.Open(Path.Combine(context.Directory, Reports));
        _sinks = new IngressSinks(_deadLetters, schemas, keys);
        _sinks.Add(Reports, _reports);
        _client = new Iso20022Client(
            new Iso20022ClientOptions
            {
                Host = "127.0.0.1",
                Port = port,
                Egress = [new Iso20022Egress(SchemaOf(schemas, "Pacs008CreditTransfer")) { KeyFolder = WriteKey(context.Directory) }],
            },
            [TopicMapping.Json("pacs.002", SchemaOf(schemas, "Pacs002StatusReport"), Reports)],
            new AdapterContext("bank", schemas, _sinks, SystemClock.Instance, Report)
            {
                Place = new AdapterPlace(Path.Combine(context.Directory, "state"), new QueueOptions()),
            });
        _client.StartAsync(_stopping.Token).GetAwaiter().GetResult();
        _ingesting = _client.Ingest(_stopping.Token);
        Wait(() => _client.Health.State == HealthState.Healthy, "the client does not connect");
    }

    public RunResult Run()
    {
        RunResult result = RunAsync().GetAwaiter().GetResult();
        Wait(() => _client.WaitingPaymentCount == 0, "not every payment is settled");
        return result;
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _ingesting.GetAwaiter().GetResult();
        _client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _sinks.Dispose();
        _reports.Dispose();
        _deadLetters.Dispose();
        _bank.Dispose();
        _key.Dispose();
        _stopping.Dispose();
    }

    private async Task<RunResult> RunAsync()
    {
        for (int payment = 0; payment < _samples.Count; payment++)
        {
            PaymentExchange.Number(_document, _number++);
            _message.Clear();
            _message.Payload.Write(_document);
            long before = Samples.Now();
            EmitStatus status = await _client.Emit(_message, CancellationToken.None).ConfigureAwait(false);
            _samples.Set(payment, before, Samples.Now());
            if (!status.IsOk)
            {
                throw new ScenarioException($"payment {_number - 1} was not accepted: {status.Code} {status.Detail}");
            }
        }

        return _samples.Round((ulong)_samples.Count);
    }

    private static void Wait(Func<bool> condition, string failure)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit)
            {
                throw new ScenarioException($"iso20022-client: {failure}");
            }

            Thread.Sleep(1);
        }
    }

    private string WriteKey(string directory)
    {
        string folder = Directory.CreateDirectory(Path.Combine(directory, "keys")).FullName;
        MlKem1024KeyFile.WritePrivate(Path.Combine(folder, "payment_agent.key.pem"), _key);
        return folder;
    }

    private static EsfSchema SchemaOf(EsfSchemaSet schemas, string name) =>
        schemas.TryGet(name, out EsfSchema? schema) ? schema : throw new ScenarioException($"{SchemaFile} has no schema {name}");

    private static void Report(AdapterEvent happened)
    {
        if (happened.Kind is not (AdapterEventKind.Started or AdapterEventKind.Stopped or AdapterEventKind.Connected
            or AdapterEventKind.Disconnected))
        {
            Console.Error.WriteLine($"iso20022-client: {happened.Kind}: {happened.Detail}");
        }
    }
}

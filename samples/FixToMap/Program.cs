// A gateway for one trading desk: orders in over FIX 4.4, through a risk circuit, fills out, positions in a map, every message witnessed.
//
//   dotnet run -c Release --project samples/FixToMap -- DIRECTORY [PORT]
//
// The gateway's CompID is VENUE, the desk's is DESK. The circuit (risk.v1.circuit.yaml) passes limit orders with a quantity of at most
// 10,000 and a value of at most 1,000,000. Each of these is filled once, even if the gateway is killed. Every rejected order is answered.
// `halt` and `go` halt and resume the desk; a halted desk rejects all orders. Orders, switches, verdicts and fills are witnessed: anyone
// with DIRECTORY/witness.key.pub can verify them. The submitter of an order is sealed in the queue. Ctrl-C ends the program.

using System.Globalization;
using Estream.Circuits;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Trading;
using Estream.Wire;
using Estream.Wire.Fix;
using Estream.Witness;
using Samples.Risk;

const int MaxSwitchBytes = 128;
string data = args.Length > 0 ? args[0] : "data";
int port = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 9876;
using CancellationTokenSource stopping = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};

Directory.CreateDirectory(data);
using MlDsa87PrivateKey witnessKey = WitnessKey(Path.Combine(data, "witness.key"));

// Only this process can read the submitter of an order; a firm would use the public key of its compliance office.
using MlKem1024PrivateKey sealingKey = MlKem1024PrivateKey.Generate();
using Resources places = new(data);
using QueueWitness orders = Witness("orders");
using QueueWitness switched = Witness("switches");
using QueueWitness verdicts = Witness("judged");
using QueueWitness fills = Witness("fills");
QueueWitness[] witnesses = [orders, switched, verdicts, fills];
using IngressSinks sinks = new(
    places.Queue("dead-letters"), EsfSchemaSet.BuiltIn, EsfAudienceKeys.None.With("default", sealingKey.PublicKey));
sinks.Add("orders", places.Queue("orders"));

await using CircuitRuntime runtime = new(new CircuitRuntimeOptions
{
    Resources = places,
    Failed = (failing, place, reason) => Console.Error.WriteLine($"{failing.Circuit} has stopped at '{place}': {reason}"),
});
runtime.Run(Circuit.Load(Path.Combine(AppContext.BaseDirectory, "risk.v1.circuit.yaml")));

await using FixAdapter gateway = new(
    new FixAdapterOptions
    {
        Acceptor = new FixAcceptorOptions { Port = port },
        Sessions =
        [
            new FixAdapterSession(
                new FixSessionOptions { Protocol = FixProtocol.Fix44, SenderCompId = "VENUE", TargetCompId = "DESK" },
                Path.Combine(data, "journal")),
        ],
        Mappings = [new FixMapping("D", "orders")],
        Egress = [new FixEgress(EStreamFill.Schema.QualifiedName, "DESK")],
    },
    new AdapterContext("desk", EsfSchemaSet.BuiltIn, sinks, SystemClock.Instance,
        happened => Console.Error.WriteLine($"{happened.Kind}: {happened.Detail}")));
await gateway.StartAsync(stopping.Token);
Task ingest = gateway.Ingest(stopping.Token);
Task attesting = Task.WhenAll(witnesses.Select(Attest));
_ = Task.Run(ReadSwitches);
Console.WriteLine($"port {gateway.LocalEndPoint!.Port}");

using Market market = new(places, Path.Combine(data, "maps", "positions"), gateway);
using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(5));
try
{
    while (await timer.WaitForNextTickAsync(stopping.Token))
    {
        await market.LookAsync(stopping.Token);
    }
}
catch (OperationCanceledException)
{
    await ingest;
    await attesting;
    await runtime.StopAsync();
    Array.ForEach(witnesses, witness => witness.RunToEnd());
    Console.WriteLine(
        $"{orders.Attested} orders, {switched.Attested} switches, {verdicts.Attested} verdicts and {fills.Attested} fills are attested");
}

QueueWitness Witness(string queue)
{
    return QueueWitness.Open(places.Queue(queue), places.Queue(queue + QueueWitness.DirectoryEnding), witnessKey);
}

Task Attest(QueueWitness witness)
{
    return Task.Factory.StartNew(
        () => witness.Run(stopping.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}

void ReadSwitches()
{
    using QueueAppender switches = places.Queue("switches").CreateAppender(AppenderMode.Exclusive);
    while (Console.ReadLine() is { } word)
    {
        if (word is not ("halt" or "go"))
        {
            Console.WriteLine("type halt or go");
            continue;
        }

        using AppendClaim claim = switches.Claim(MaxSwitchBytes);
        KillSwitch.Writer kill = KillSwitch.Write(claim.Span);
        kill.Desk = "all"u8;
        kill.IsOn = word == "halt";
        claim.Commit(kill.Length);
    }
}

static MlDsa87PrivateKey WitnessKey(string file)
{
    if (File.Exists(file))
    {
        return MlDsa87.Import(file);
    }

    MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
    key.Save(file);
    key.PublicKey.Save(file + ".pub");
    return key;
}

using Estream.Circuits;
using Estream.Marketplace.Governance;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The circuit in the runtime, as in a host: on its own threads, with a witness of its decisions.</summary>
public sealed class WidgetRuntimeTests : WidgetCase
{
    [Fact]
    public async Task Requests_are_decided_and_attested_at_run_time()
    {
        await using CircuitRuntime runtime = new(new CircuitRuntimeOptions { Resources = Resources });
        RunningCircuit running = runtime.Run(Circuit, "marketplace");
        AppendRaw(Requests, Store.Put(Good).Message());
        Eventually.True(() => AllDecisions().Count == 1, "the first is decided");
        AppendRaw(Requests, [7], Good.Message(), Store.Put(Good.At("1.0.1")).Message());
        Eventually.True(() => AllDecisions().Count == 3, "all are decided");
        Assert.Equal([true, false, true], AllDecisions().Select(decided => decided.Approved));
        Assert.Null(running.Failure);
        await runtime.StopAsync();

        using EstreamQueue attestations = EstreamQueue.Open(Directory.Combine("queues", Decisions + QueueWitness.DirectoryEnding));
        using QueueWitness witness = QueueWitness.Open(Resources.Queue(Decisions), attestations, WidgetKeys.Organization,
            new WitnessOptions { IsDurable = true, MaxDelay = TimeSpan.Zero });
        witness.RunToEnd();
        Assert.Equal(3, witness.Attested);
    }

    [Fact]
    public void Circuit_declares_a_durable_witness_of_its_decisions()
    {
        Assert.Equal(
            [$"{WidgetPublishCircuit.Name} has 'witness_tier: 2', but its queue '{Decisions}' has a witness that is not durable: add "
                + "a durable witness, or lower the tier"], WitnessTier.Missing(Circuit, _ => (true, false)));
        Assert.Empty(WitnessTier.Missing(Circuit, queue => (queue == Decisions, true)));
        Assert.Equal(("Generic", 2), (Circuit.GovernanceCategory, Circuit.WitnessTier));
    }

    [Fact]
    public void Circuit_has_the_nodes_of_the_specification_in_order()
    {
        Assert.Equal(
            ["identity_verifier", "manifest_validator", "bundle_integrity", "role_validator", "version_checker", "trust_evaluator",
                "approval_aggregator"], Circuit.Nodes.Select(node => node.Id));
        Assert.Equal(["role_validator", "trust_evaluator"], Circuit.Nodes.Where(node => !node.IsBound).Select(node => node.Id));
        Assert.Equal(["request", "publisher_identity", "decision"], Circuit.Inputs.Concat(Circuit.Outputs).Select(port => port.Name));
    }
}

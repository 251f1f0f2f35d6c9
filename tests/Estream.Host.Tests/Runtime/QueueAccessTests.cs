using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Wire;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: an append to a command queue, log of an adapter or queue of payment files needs a token that names the queue.</summary>
public sealed class QueueAccessTests
{
    private static readonly QueueAccess s_access = QueueAccess.Of(
    [
        Plan("plant", new() { ["Type"] = "modbus-client", ["Egress:0:Queue"] = "commands", ["Egress:1:Queue"] = "doors.0001" }),
        Plan("records", new()
        {
            ["Type"] = "fhir-server", ["AccessQueue"] = "access", ["Mappings:0:Queue"] = "patients", ["Mappings:0:Schema"] = "FhirPatient",
            ["Mappings:1:Queue"] = "fhir", ["Mappings:1:Schema"] = "FhirCommit",
        }),
        Plan("bank", new() { ["Type"] = "iso20022-folder", ["Folder"] = "in", ["Mappings:0:Queue"] = "transfers" }),
    ],
    [
        new MapPlan("commits", "fhir", "FhirCommit", "change_count"), new MapPlan("readers", "access", "FhirAccess", "agent"),
        new MapPlan("people", "patients", "FhirPatient", "id"),
    ]);

    [Theory]
    [InlineData("commands")]
    [InlineData("doors.0001")]
    [InlineData("fhir")]
    [InlineData("access")]
    [InlineData("transfers")]
    public void A_queue_of_an_adapter_takes_appends_only_from_a_token_that_names_it(string queue)
    {
        string name = queue.Split('.')[0];
        foreach (AccessRole role in (AccessRole[])[AccessRole.Operator, AccessRole.Admin])
        {
            Assert.Contains($"estream token new --role operator --queue {queue}:append",
                s_access.WhyNotAppend(new Identity("this machine", role), queue), StringComparison.Ordinal);
            Assert.NotNull(s_access.WhyNotAppend(With(role, "*:read,append"), queue));
            Assert.Null(s_access.WhyNotAppend(With(role, $"{name}:append"), queue));
        }

        Assert.True(s_access.MayRead(new Identity("ann", AccessRole.Viewer), queue));
    }

    [Fact]
    public void Other_queues_of_adapters_follow_the_scopes()
    {
        Assert.Null(s_access.WhyNotAppend(new Identity("ann", AccessRole.Operator), "patients"));
        Assert.Null(s_access.WhyNotAppend(With(AccessRole.Operator, "patients:append"), "patients"));
        Assert.Contains("They are: queue=other:append.", s_access.WhyNotAppend(With(AccessRole.Operator, "other:append"), "patients"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_without_fhir_does_not_reach_the_log_of_a_server()
    {
        Identity without = new("ann", AccessRole.Operator)
        {
            Scopes = AccessScopes.Create(["*:read", "fhir:append", "access:append"], [], reachesFhir: false),
        };

        Assert.All(["fhir", "access"], queue =>
        {
            Assert.False(s_access.MayRead(without, queue));
            Assert.NotNull(s_access.WhyNotAppend(without, queue));
        });
        Assert.True(s_access.MayRead(without, "patients"));
        Assert.True(s_access.MayRead(without, "transfers"));
    }

    [Fact]
    public void A_token_without_fhir_does_not_read_the_maps_of_the_log_of_a_server()
    {
        AccessScopes[] scopes =
            [AccessScopes.Create([], [], reachesFhir: false), AccessScopes.Create([], ["*:read"], reachesFhir: false)];
        Assert.All(scopes, one =>
        {
            Identity without = new("ann", AccessRole.Viewer) { Scopes = one };
            Assert.False(s_access.MayReadMap(without, "commits"));
            Assert.False(s_access.MayReadMap(without, "readers"));
            Assert.True(s_access.MayReadMap(without, "people"));
            Assert.True(s_access.MayReadMap(without, "settings"));
        });
        Assert.True(s_access.MayReadMap(new Identity("ann", AccessRole.Viewer), "commits"));
        Assert.False(s_access.MayReadMap(With(AccessRole.Viewer, "*:read"), "commits"));
    }

    [Fact]
    public void A_token_without_fhir_does_not_join_groups_that_read_the_log_of_a_server()
    {
        QueueAccess access = QueueAccess.Of(
            [Plan("records", new() { ["Mappings:0:Queue"] = "fhir.0001", ["Mappings:0:Schema"] = "FhirCommit" })], []);
        Identity without = new("ann", AccessRole.Operator) { Scopes = AccessScopes.Create([], [], reachesFhir: false) };

        Assert.NotNull(access.WhyNotMove(without, "fhir", "ann"));
        Assert.True(access.MayRead(without, "fhir.0000"));
    }

    [Fact]
    public async Task Rights_computed_during_a_reload_do_not_replace_the_new_rights()
    {
        for (int round = 0; round < 100; round++)
        {
            HostConfiguration running = new(), next = new();
            foreach (string name in Enumerable.Range(0, 200).Select(number => $"adapter-{number}"))
            {
                running.Adapters.Add(name, Plan(name, new() { ["Egress:0:Queue"] = name }));
            }

            next.Adapters.Add("plant", Plan("plant", new() { ["Egress:0:Queue"] = "commands" }));
            using Barrier start = new(2);
            Task reader = Task.Run(() =>
            {
                start.SignalAndWait();
                _ = running.Access;
            });
            start.SignalAndWait();
            running.Take(next);
            await reader;

            Assert.NotNull(running.Access.WhyNotAppend(new Identity("ann", AccessRole.Operator), "commands"));
        }
    }

    private static Identity With(AccessRole role, string scope) =>
        new("ann", role) { Scopes = AccessScopes.Create([scope], [], reachesFhir: true) };

    private static AdapterPlan Plan(string name, Dictionary<string, string?> settings) =>
        new(name, new WireSettings($"Estream:Adapters:{name}", settings));
}

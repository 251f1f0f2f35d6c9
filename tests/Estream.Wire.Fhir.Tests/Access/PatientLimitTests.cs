using System.Globalization;
using Estream.Fhir;
using Estream.Testing;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Store;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Access;

/// <summary>A write that exceeds a limit of patients is refused, so that no patient becomes unreadable.</summary>
public sealed class PatientLimitTests : IAsyncLifetime
{
    private const string Consent = """
        {"resourceType":"Consent","status":"active","scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"text":"c"}],
         "patient":{"reference":"Patient/other"},"provision":{"type":"deny"}}
        """;

    private ServerRig _rig = null!;

    public async Task InitializeAsync()
    {
        _rig = await ServerRig.StartAsync();

        // Without a consent, the server follows no link.
        await _rig.CreateAsync("Consent", Consent);
    }

    public Task DisposeAsync() => _rig.DisposeAsync().AsTask();

    [Fact]
    public async Task Patient_can_have_a_limited_number_of_identifiers_over_all_versions()
    {
        const int Half = PatientIndex.MaxIdentifiers / 2;
        Assert.Equal(201, (await PutAsync("p", Identifiers(0, Half))).Status);
        Assert.Equal(200, (await PutAsync("p", Identifiers(Half, Half))).Status);
        Answer refused = await PutAsync("p", Identifiers(2 * Half, 1));
        Assert.Equal((422, "too-costly"), (refused.Status, refused.Issue));
        Assert.Contains("more than 1024 identifiers", refused.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await PutAsync("p", Identifiers(0, 2 * Half))).Status);
        Assert.Equal(200, (await PutAsync("p", "")).Status);
        Assert.Equal(200, (await _rig.SendAsync("GET", "Patient/p")).Status);
    }

    [Fact]
    public async Task Linked_records_can_have_a_limited_number_of_identifiers()
    {
        const int Records = PatientIndex.MaxKeys / PatientIndex.MaxIdentifiers;
        for (int record = 1; record < Records; record++)
        {
            string elements = Identifiers(record * PatientIndex.MaxIdentifiers, PatientIndex.MaxIdentifiers) + Link("p");
            Assert.Equal(201, (await PutAsync(Id(record), elements)).Status);
        }

        Assert.Equal(201, (await PutAsync("p", "")).Status);
        Assert.Equal(422, (await PutAsync("p", Identifiers(0, PatientIndex.MaxIdentifiers))).Status);
        Assert.Equal(200, (await PutAsync("p", Identifiers(0, 10))).Status);
        Assert.Equal(200, (await _rig.SendAsync("GET", "Patient/p")).Status);
    }

    [Fact]
    public async Task Patient_can_have_a_limited_number_of_linked_records()
    {
        await PutAsync("p", "");
        Assert.Equal(200, (await PutAllAsync(PatientIndex.MaxRecords - 1, 1, Link("p"))).Status);
        await AssertReadableAsync();
        Answer refused = await PutAsync("one-more", Link("p"));
        Assert.Equal((422, "too-costly"), (refused.Status, refused.Issue));
        Assert.Contains("more than 256 linked records", refused.Body, StringComparison.Ordinal);
        Assert.Equal(201, (await PutAsync("apart", "")).Status);
        Assert.Equal(422, (await PutAsync("p", Link("apart"))).Status);
        await AssertReadableAsync();

        // A write that adds no link, or replaces one, is accepted.
        Assert.Equal(200, (await PutAsync(Id(1), Link("p") + ",\"active\":true")).Status);
        Assert.Equal(200, (await PutAsync(Id(1), "")).Status);
        Assert.Equal(201, (await PutAsync("one-more", Link("p"))).Status);
        await AssertReadableAsync();

        async Task AssertReadableAsync()
        {
            await _rig.SendAsync("PUT", "Observation/o", """
                {"resourceType":"Observation","id":"o","status":"final","code":{"text":"c"},"subject":{"reference":"Patient/p"}}
                """);
            Assert.Equal(200, (await _rig.SendAsync("GET", "Observation/o")).Status);
            Assert.Equal(200, (await _rig.SendAsync("GET", $"Patient/{Id(2)}")).Status);
        }
    }

    [Fact]
    public async Task Patients_of_a_transaction_count_together()
    {
        await PutAsync("p", "");
        Answer refused = await PutAllAsync(PatientIndex.MaxRecords, 1, Link("p"));
        Assert.Equal((422, "too-costly"), (refused.Status, refused.Issue));
        Assert.Equal(404, (await _rig.SendAsync("GET", $"Patient/{Id(1)}")).Status);
        Assert.Equal(200, (await PutAllAsync(PatientIndex.MaxRecords - 1, 1, Link("p"))).Status);
    }

    [Fact]
    public async Task Patients_can_share_an_identifier_up_to_a_limit()
    {
        Assert.Equal(200, (await PutAllAsync(PatientIndex.MaxRecords, 1, Identifiers(7, 1))).Status);
        Answer refused = await PutAsync("one-more", Identifiers(7, 1));
        Assert.Equal((422, "too-costly"), (refused.Status, refused.Issue));
        Assert.Contains("256 patients have one of the identifiers", refused.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await PutAsync(Id(1), Identifiers(7, 1) + ",\"active\":true")).Status);
        Assert.Equal(200, (await PutAsync(Id(1), "")).Status);
        Assert.Equal(201, (await PutAsync("one-more", Identifiers(7, 1))).Status);
        Assert.Equal(200, (await _rig.SendAsync("GET", "Patient/one-more")).Status);
    }

    [Fact]
    public void Deleted_duplicate_does_not_make_an_identifier_uncertain()
    {
        const string Number = "identifier:urn:mrn|1";
        ResourceIndex index = new();
        Apply(index, Facts("Patient", "Patient/a", Number), "a");
        Apply(index, Facts("Patient", "Patient/b", Number), "b");
        Apply(index, Facts("Consent", Number) with { Consent = new(true, false, null, true) }, "c");
        ResourceFacts read = Facts("Observation", "Patient/b");
        Assert.Empty(index.ConsentsOf(read).Own);
        index.Apply(new ResourceChange("Patient", "a", 2, 2, Interaction.Delete, [], Facts("Patient")), 0, 0);
        Assert.Single(index.ConsentsOf(read).Own);
        Apply(index, Facts("Patient", "Patient/a", Number), "a");
        Assert.Empty(index.ConsentsOf(read).Own);
    }

    /// <summary>Checks by allocations: a comparison of identifiers allocates.</summary>
    [Fact]
    public void Work_of_a_read_does_not_depend_on_equal_values_of_other_systems()
    {
        const int Count = 2_000;
        ResourceIndex index = new();
        for (int i = 0; i < Count; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"identifier:urn:{i}|7");
            Apply(index, Facts("Patient", $"Patient/{Id(i)}", key), Id(i));
            Apply(index, Facts("Consent", key) with { Consent = new(true, false, null, true) }, Id(i));
        }

        ResourceFacts facts = Facts("Observation", "identifier:urn:x|7");
        Assert.Empty(index.ConsentsOf(facts).Linked);
        long bytes = AllocationMeter.OnThisThread(1, () => index.ConsentsOf(facts));
        Assert.InRange(bytes, 0, 64 * 1_024);
        Assert.Single(index.ConsentsOf(Facts("Observation", "identifier:urn:5|7")).Own);
    }

    private static void Apply(ResourceIndex index, ResourceFacts facts, string id) =>
        index.Apply(new ResourceChange(facts.Type, id, 1, 1, Interaction.Create, [], facts), 0, 0);

    private static ResourceFacts Facts(string type, params string[] patients) =>
        new() { Type = type, Tokens = [], Patients = patients, Labels = [] };

    private Task<Answer> PutAsync(string id, string elements) => _rig.SendAsync("PUT", $"Patient/{id}", Patient(id, elements));

    /// <summary>Puts several patients with the same elements in one transaction.</summary>
    private Task<Answer> PutAllAsync(int count, int first, string elements)
    {
        IEnumerable<string> entries = Enumerable.Range(first, count).Select(Id).Select(id =>
            $"{{\"resource\":{Patient(id, elements)},\"request\":{{\"method\":\"PUT\",\"url\":\"Patient/{id}\"}}}}");
        return _rig.SendAsync(
            "POST", "", $"{{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{string.Join(',', entries)}]}}");
    }

    private static string Patient(string id, string elements) => $"{{\"resourceType\":\"Patient\",\"id\":\"{id}\"{elements}}}";

    private static string Id(int record) => string.Create(CultureInfo.InvariantCulture, $"r{record}");

    private static string Link(string id) => $",\"link\":[{{\"type\":\"seealso\",\"other\":{{\"reference\":\"Patient/{id}\"}}}}]";

    private static string Identifiers(int first, int count) => $",\"identifier\":[{string.Join(',', Enumerable.Range(first, count)
        .Select(one => $"{{\"system\":\"urn:mrn\",\"value\":\"{Id(one)}\"}}"))}]";
}

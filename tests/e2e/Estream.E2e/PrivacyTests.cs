using System.Text.Json;
using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class PrivacyTests(ConsoleFixture fixture)
{
    private const string Patient = "canary-patient-7731";
    private const string PatientName = "Canaria Kanarienvogel";
    private const string Card = "4929119988776652";

    private const string Schema = """
        version: "1.0"
        namespace: clinic
        schemas:
          Admission:
            fields:
              ward: { type: string(16) }
              patient: { type: string(32), privacy: { profile: hipaa } }
              name: { type: string, privacy: { profile: hipaa } }
          Payment:
            fields:
              id: { type: string(16) }
              card: { type: string(19), privacy: { profile: pci_dss, default_level: tokenized } }
        """;

    private static readonly string[] s_secrets = [Patient, PatientName, Card];

    // Parties and accounts from the example of the pack.
    private static readonly string[] s_parties = ["Ana Pérez", "ES9121000418450200051332"];

    [ConsoleFact]
    public async Task The_page_shows_without_a_key_that_values_are_withheld()
    {
        using RunningHost host = new(Configure);
        host.Publish($"wards/north/{Patient}/admitted", $$"""{"name":"{{PatientName}}"}""");
        host.Publish("payments/p-1", $$"""{"card":"{{Card}}"}""");
        host.Publish($"wards/north/{Patient}/admitted", $$"""{"name":7,"{{PatientName}}":1}""");
        List<string> seen = [];

        await using ConsolePage wards = await fixture.Chromium.OpenAsync(host, Screen.Desk, "maps/wards");
        await wards.StateRow("north").GetByRole(AriaRole.Button).First.ClickAsync();
        await Assertions.Expect(wards.Page.Locator(".detail")).ToContainTextAsync("sealed");
        seen.Add(await wards.Page.ContentAsync());
        await using ConsolePage admissions = await fixture.Chromium.OpenAsync(host, Screen.Desk, "queues/admissions?follow=0");
        await OpenFirstAsync(admissions, "sealed");
        seen.Add(await admissions.Page.ContentAsync());
        await admissions.Page.GetByRole(AriaRole.Link, new() { Name = "Open as a page" }).ClickAsync();
        await Assertions.Expect(admissions.Page.Locator("#fields")).ToContainTextAsync("sealed");
        seen.Add(await admissions.Page.ContentAsync());

        await using ConsolePage payments = await fixture.Chromium.OpenAsync(host, Screen.Phone, "maps/payments");
        await payments.StateRow("p-1").GetByRole(AriaRole.Button).First.ClickAsync();
        await Assertions.Expect(payments.Page.Locator(".detail")).ToContainTextAsync("492911");
        seen.Add(await payments.Page.ContentAsync());

        await using ConsolePage letters = await fixture.Chromium.OpenAsync(host, Screen.DeskDark, "queues/dead-letters?follow=0");
        await OpenFirstAsync(letters, "wards/north/{patient}/admitted");
        seen.Add(await letters.Page.ContentAsync());

        Assert.All(seen, page => Assert.All(s_secrets, secret => Assert.DoesNotContain(secret, page, StringComparison.OrdinalIgnoreCase)));
        wards.AssertQuiet();
        admissions.AssertQuiet();
        payments.AssertQuiet();
        letters.AssertQuiet();
    }

    [ConsoleFact]
    public async Task The_page_shows_a_bank_payment_without_parties_and_accounts()
    {
        string payment = File.ReadAllText(RepositoryRoot.Combine("schemas", "esf-payments", "examples", "Pacs008CreditTransfer.json"));
        using JsonDocument example = JsonDocument.Parse(payment);
        string id = example.RootElement.GetProperty("message_id").GetString()!;
        Assert.All(s_parties, secret => Assert.Contains(secret, payment, StringComparison.Ordinal));
        using RunningHost host = new(ConfigurePayments);
        host.Publish("transfers", payment);
        host.Publish("transfers", payment.Replace("\"message_id\"", "\"message\"", StringComparison.Ordinal));

        await using ConsolePage transfers = await fixture.Chromium.OpenAsync(host, Screen.Desk, "queues/transfers?follow=0");
        await OpenFirstAsync(transfers, "sealed");
        await Assertions.Expect(transfers.Page.Locator(".detail")).ToContainTextAsync(id);
        await using ConsolePage letters = await fixture.Chromium.OpenAsync(host, Screen.Phone, "queues/dead-letters?follow=0");
        await OpenFirstAsync(letters, "transfers");

        string[] seen = [await transfers.Page.ContentAsync(), await letters.Page.ContentAsync()];
        Assert.All(seen, page => Assert.All(s_parties, secret => Assert.DoesNotContain(secret, page, StringComparison.OrdinalIgnoreCase)));
        transfers.AssertQuiet();
        letters.AssertQuiet();
    }

    [ConsoleFact]
    public async Task A_payment_that_arrives_while_the_page_is_open_shows_its_fields()
    {
        string payment = File.ReadAllText(RepositoryRoot.Combine("schemas", "esf-payments", "examples", "Pacs008CreditTransfer.json"));
        using JsonDocument example = JsonDocument.Parse(payment);
        using RunningHost host = new(ConfigurePayments);
        await using ConsolePage all = await fixture.Chromium.OpenAsync(host, Screen.Desk, "queues/transfers");
        host.Publish("transfers", payment);

        await Assertions.Expect(all.Messages).ToHaveCountAsync(1);
        await OpenFirstAsync(all, "sealed");
        await Assertions.Expect(all.Page.Locator(".detail"))
            .ToContainTextAsync(example.RootElement.GetProperty("message_id").GetString()!);
        all.AssertQuiet();
    }

    private static async Task OpenFirstAsync(ConsolePage console, string expected)
    {
        await console.Messages.First.GetByRole(AriaRole.Button).First.ClickAsync();
        await Assertions.Expect(console.Page.Locator(".detail")).ToContainTextAsync(expected);
    }

    private static string ConfigurePayments(string folder) => JsonSerializer.Serialize(new
    {
        Estream = new
        {
            Schemas = new[] { RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml") },
            Privacy = new { Keys = MakeKeys(folder) },
            Queues = new { transfers = new { } },
            Adapters = new { banks = new { Type = "mqtt-endpoint",
                Mappings = new[] { new { Topic = "transfers", Schema = "Pacs008CreditTransfer", Queue = "transfers" } } } },
        },
    });

    private static string MakeKeys(string folder)
    {
        string keys = Directory.CreateDirectory(Path.Combine(folder, "keys")).FullName;
        foreach (string audience in (string[])["provider", "auditor", "payment_agent", "regulator"])
        {
            MakeKey("ml-kem-1024", Path.Combine(keys, audience));
        }

        return keys;
    }

    private static string Configure(string folder)
    {
        string keys = MakeKeys(folder), vaultKey = Path.Combine(folder, "vault.key"), schema = Path.Combine(folder, "clinic.esf.yaml");
        MakeKey("card-vault", vaultKey);
        File.WriteAllText(schema, Schema);
        return JsonSerializer.Serialize(new
        {
            Estream = new
            {
                Schemas = new[] { schema },
                Privacy = new { Keys = keys, Vault = new { Directory = Path.Combine(folder, "vault"), KeyFile = vaultKey } },
                Queues = new { admissions = new { }, payments = new { } },
                Maps = new
                {
                    wards = new { Queue = "admissions", Schema = "Admission", Key = "ward" },
                    payments = new { Queue = "payments", Schema = "Payment", Key = "id" },
                },
                Adapters = new
                {
                    devices = new
                    {
                        Type = "mqtt-endpoint",
                        Mappings = new[]
                        {
                            new { Topic = "wards/{ward}/{patient}/admitted", Schema = "Admission", Queue = "admissions" },
                            new { Topic = "payments/{id}", Schema = "Payment", Queue = "payments" },
                        },
                    },
                },
            },
        });
    }

    private static void MakeKey(string algorithm, string path) =>
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, "key", "new", "--algorithm", algorithm, "--out", path]).EnsureSuccess();
}

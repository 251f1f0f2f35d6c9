namespace Estream.Cli.Tests;

/// <summary>Tests `estream placement`: a placement that anyone can check offline.</summary>
public sealed class PlacementCommandTests
{
    [Fact]
    public async Task Members_publish_tickets_and_Verify_prints_the_owners()
    {
        using SampleData data = new();
        (string keys, string[] tickets) = await MakeAsync(data, epoch: 1);
        CliResult verified = await data.RunAsync(["placement", "verify", .. tickets, "--keys", keys]);
        Assert.True(verified.Code == ExitCode.Ok, verified.Error);
        Assert.Equal("queue orders, epoch 1, seed 5f0c", verified.Lines[0]);
        Assert.Equal(9, verified.Lines.Length);
        Assert.All(verified.Lines[1..], line => Assert.Matches("^000[0-7] host-[abc]$", line));
        CliResult json = await data.RunAsync(["placement", "verify", tickets[2], tickets[0], tickets[1], "--keys", keys, "--json"]);
        string owners = string.Join(',', verified.Lines[1..].Select(line => $"\"{line[5..]}\""));
        Assert.Contains($"\"owners\":[{owners}]", json.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_refuses_a_changed_ticket_a_missing_one_and_one_of_another_epoch()
    {
        using SampleData data = new();
        (string keys, string[] tickets) = await MakeAsync(data, epoch: 1);
        string whole = File.ReadAllText(tickets[1]);
        int first = whole.IndexOf("\"proofs\":[\"", StringComparison.Ordinal) + 11;
        string changed = data.Write("changed", whole[..first] + (whole[first] == '0' ? '1' : '0') + whole[(first + 1)..]);
        await AssertRefusedAsync("The proof of 'host-b' for partition 0 is wrong", tickets[0], changed, tickets[2]);
        await AssertRefusedAsync("'host-c' has a published key and no ticket", tickets[0], tickets[1]);
        await AssertRefusedAsync("is not a ticket", data.Write("empty", "{}"));
        await AssertRefusedAsync("is not a ticket", data.Write("text", "ticket"));
        (_, string[] later) = await MakeAsync(data, epoch: 2);
        await AssertRefusedAsync("for another queue, epoch, seed", tickets[0], later[1], tickets[2]);

        async Task AssertRefusedAsync(string expected, params string[] given)
        {
            CliResult refused = await data.RunAsync(["placement", "verify", .. given, "--keys", keys]);
            Assert.Equal(ExitCode.No, refused.Code);
            Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Keys_and_values_that_cannot_be_used_are_reported()
    {
        using SampleData data = new();
        (_, string[] tickets) = await MakeAsync(data, epoch: 1);
        foreach ((string content, string expected) in new[]
            {
                ("", "has no keys"), ("host-a", "each line has a name and a key"), ("host-a 12", "ECVRF"),
                ("host-a zz", "hexadecimal digits"), ($"host-a {new string('0', 64)}", "the order of the point divides 8"),
            })
        {
            CliResult refused = await data.RunAsync(["placement", "verify", .. tickets, "--keys", data.Write("keys", content)]);
            Assert.Equal(ExitCode.Failed, refused.Code);
            Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
        }

        CliResult range = await data.RunAsync(Ticket("orders", 0, "host-a", KeyOf(data, 'a')));
        Assert.Equal(ExitCode.Failed, range.Code);
        Assert.Contains("The epoch is 0", range.Error, StringComparison.Ordinal);
    }

    private static async Task<(string Keys, string[] Tickets)> MakeAsync(SampleData data, long epoch)
    {
        string keys = "# members\n";
        List<string> tickets = [];
        foreach (char name in "abc")
        {
            string file = KeyOf(data, name);
            keys += (await data.RunAsync("placement", "key", "--member", $"host-{name}", "--key-file", file)).Output;
            CliResult ticket = await data.RunAsync(Ticket("orders", epoch, $"host-{name}", file));
            Assert.True(ticket.Code == ExitCode.Ok, ticket.Error);
            tickets.Add(data.Write($"{name}-{epoch}.ticket", ticket.Output));
        }

        return (data.Write("members.txt", keys), [.. tickets]);
    }

    private static string[] Ticket(string queue, long epoch, string member, string keyFile) =>
        ["placement", "ticket", queue, "--partitions", "8", "--epoch", $"{epoch}", "--seed", "5f0c", "--member", member, "--key-file",
            keyFile];

    private static string KeyOf(SampleData data, char name)
    {
        string file = data.Write($"{name}.key", new string(name, 64));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}

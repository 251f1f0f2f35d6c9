using System.Text;
using System.Text.Json;
using Estream.Cli.Commands.Hosts;
using Estream.Cli.Output;

namespace Estream.Cli.Tests.Hosts;

/// <summary>`estream status` says if the host has more queues than it lists.</summary>
public sealed class StatusTextTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(300, true)]
    public void Queues_that_are_not_listed_are_counted(int count, bool isCut)
    {
        using JsonDocument health = JsonDocument.Parse("""{"status":"ready"}""");
        using JsonDocument overview = JsonDocument.Parse($$"""
            {"version":"0.1.0","uptimeSeconds":1,"queueCount":{{count}},"queues":
            [{"name":"orders","messages":1,"ratePerSecond":0,"bytes":10,"durability":"PageCache"}]}
            """);
        using MemoryStream output = new();
        using (LineWriter lines = new(output))
        {
            StatusText.Write(lines, health.RootElement, overview.RootElement);
        }

        string text = Encoding.UTF8.GetString(output.ToArray());
        Assert.Contains("orders", text, StringComparison.Ordinal);
        Assert.Equal(isCut, text.Contains("1 of 300 queues; 'estream queue list' lists all", StringComparison.Ordinal));
    }
}

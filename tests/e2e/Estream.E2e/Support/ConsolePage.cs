using System.Collections.Concurrent;
using System.Globalization;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Estream.E2e;

/// <summary>The console in a separate browser context, with named access to what an operator sees.</summary>
internal sealed class ConsolePage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly Uri _address;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _foreign = new();

    private ConsolePage(IBrowserContext context, IPage page, Uri address)
    {
        _context = context;
        _address = address;
        Page = page;
        page.Console += (_, message) => Note(message.Type is "error" or "warning", message.Text);
        page.PageError += (_, error) => Note(true, error);
        page.Request += (_, request) => NoteForeign(request.Url);
    }

    public IPage Page { get; }

    /// <summary>The state of the host; its attribute <c>data-phase</c> is the state of the connection.</summary>
    public ILocator Connection => Page.Locator(".health");

    public ILocator Banner => Page.Locator(".banner");

    public ILocator Search => Page.GetByRole(AriaRole.Searchbox, new() { Name = "Keys that start with" });

    public ILocator Messages => Page.Locator("[data-table^='messages.'] .table-item");

    public ILocator Focused => Page.Locator(":focus");

    public static async Task<ConsolePage> OpenAsync(IBrowserContext context, Uri address)
    {
        ConsolePage console = new(context, await context.NewPageAsync(), address);
        await console.Page.GotoAsync(address.ToString());
        await Assertions.Expect(console.Connection).ToHaveAttributeAsync("data-phase", "live");
        return console;
    }

    /// <summary>Returns a cell of the busiest queues on the overview.</summary>
    public ILocator QueueFigure(string queue, string figure) =>
        Page.Locator($"#rates tr[data-queue='{queue}'] [data-figure='{figure}']");

    /// <summary>Returns the row of a key of a map.</summary>
    public ILocator StateRow(string key) => Page.Locator($"[data-table^='map.'] [data-key='{key}']");

    /// <summary>Returns a row of a table of the page.</summary>
    public ILocator Row(string table, string row) => Page.Locator($"[data-table='{table}'] [data-key='{row}']");

    /// <summary>Returns a cell of a table of the page.</summary>
    public ILocator Cell(string table, string row, string column) => Row(table, row).Locator($"[data-column='{column}']");

    /// <summary>Asserts that the page does not scroll horizontally.</summary>
    public async Task AssertFitsAsync() => Assert.True(
        await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{Page.Url} scrolls horizontally");

    /// <summary>Reads a number as the page writes it: 1,234.</summary>
    public static async Task<double> NumberAsync(ILocator figure) =>
        double.Parse(await figure.InnerTextAsync(), NumberStyles.Number, CultureInfo.InvariantCulture);

    /// <summary>Returns the violations that axe finds, one per line; empty if there are none.</summary>
    public async Task<string> AxeAsync()
    {
        AxeResult result = await Page.RunAxe();
        Assert.NotEmpty(result.Passes); // axe has run on something
        return string.Join('\n', result.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help} ({string.Join(" | ", violation.Nodes.Take(5).Select(node => node.Html))})"));
    }

    /// <summary>Asserts that nothing was logged as an error or a warning, blocked by the content security policy, or requested from another
    /// host.</summary>
    public void AssertQuiet()
    {
        Assert.Empty(_complaints);
        Assert.Empty(_foreign);
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private void Note(bool matters, string text)
    {
        if (matters)
        {
            _complaints.Enqueue(text);
        }
    }

    private void NoteForeign(string url)
    {
        if (new Uri(url).Authority != _address.Authority)
        {
            _foreign.Enqueue(url);
        }
    }
}

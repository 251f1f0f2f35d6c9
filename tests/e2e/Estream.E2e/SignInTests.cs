using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

/// <summary>Uses a host that requires a token: the page asks for a token, does not store it, shows its user, and signs out.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class SignInTests(ConsoleFixture fixture)
{
    [ConsoleFact]
    public async Task A_token_opens_the_page_until_sign_out()
    {
        using TempDirectory data = new();
        using HostProcess host = HostProcess.Start(
            data.Path, environment: new Dictionary<string, string?> { ["Estream__Http__LoopbackRole"] = "none" }).WaitUntilReady();
        string token = ChildProcess.Run(
            "dotnet", [BuiltProgram.Cli, "token", "new", "--role", "operator", "--name", "ann"],
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = data.Path }).EnsureSuccess().Output.Trim();
        IPage page = await fixture.Chromium.OpenPageAsync(new Uri(host.Address.ToString()));
        try
        {
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in to" })).ToBeVisibleAsync();
            await Assertions.Expect(page.Locator(".health")).ToHaveCountAsync(0);
            ILocator field = page.GetByLabel("Token");
            ILocator button = page.GetByRole(AriaRole.Button, new() { Name = "Sign in" });

            await field.FillAsync(token[..^1]);
            await button.ClickAsync();
            await Assertions.Expect(page.Locator("#sign-in-answer")).ToContainTextAsync("rejected this token");

            await field.FillAsync(token);
            await button.ClickAsync();
            await Assertions.Expect(page.Locator("[data-figure='role']")).ToHaveTextAsync("ann, operator");
            await Assertions.Expect(page.Locator(".health")).ToHaveAttributeAsync("data-phase", "live");
            Assert.DoesNotContain(token, await page.ContentAsync(), StringComparison.Ordinal);
            Assert.Equal("", await page.EvaluateAsync<string>("document.cookie"));
            Assert.Equal(0, await page.EvaluateAsync<int>("localStorage.length + sessionStorage.length"));

            await page.GetByRole(AriaRole.Link, new() { Name = "Access" }).ClickAsync();
            await Assertions.Expect(page.Locator("#main")).ToContainTextAsync("PUT /api/session");

            await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in to" })).ToBeVisibleAsync();
        }
        finally
        {
            await page.Context.DisposeAsync();
        }
    }
}

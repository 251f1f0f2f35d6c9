using Estream.Host.Http;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: sessions use bounded memory, and no user ends the sessions of another one.</summary>
public sealed class BrowserSessionsTests
{
    private readonly BrowserSessions _sessions = new(TimeProvider.System);

    [Fact]
    public void A_token_that_signs_in_often_loses_its_own_sessions_only()
    {
        string other = _sessions.Begin("other");
        string first = _sessions.Begin("greedy");
        for (int i = 0; i < 2_000; i++)
        {
            _sessions.Begin("greedy");
        }

        Assert.True(_sessions.TryFind(other, out string? token));
        Assert.Equal("other", token);
        Assert.False(_sessions.TryFind(first, out _));
    }

    [Fact]
    public void Sessions_of_many_tokens_are_limited()
    {
        List<string> sessions = [.. Enumerable.Range(0, 1_500).Select(i => _sessions.Begin($"token {i}"))];

        Assert.Equal(1_000, sessions.Count(session => _sessions.TryFind(session, out _)));
        Assert.True(_sessions.TryFind(sessions[^1], out _));
    }
}

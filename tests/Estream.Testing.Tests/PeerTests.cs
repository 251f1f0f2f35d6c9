namespace Estream.Testing.Tests;

public sealed class PeerTests
{
    [Fact]
    public void A_program_that_exists_runs_the_test()
    {
        Assert.Null(new PeerFactAttribute("sh", "dash").Skip);
        Assert.Null(new PeerTheoryAttribute("sh", "dash").Skip);
    }

    [Fact]
    public void A_missing_program_skips_the_test_and_names_the_package()
    {
        const string expected = "no-such-program is not installed: apt-get install some-package";
        Assert.StartsWith(expected, new PeerFactAttribute("no-such-program", "some-package").Skip, StringComparison.Ordinal);
        Assert.StartsWith(expected, new PeerTheoryAttribute("no-such-program", "some-package").Skip, StringComparison.Ordinal);
        Assert.StartsWith(
            expected,
            Assert.Throws<FileNotFoundException>(() => Peer.Require("no-such-program", "some-package")).Message,
            StringComparison.Ordinal);
    }
}

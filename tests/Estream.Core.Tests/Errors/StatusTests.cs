using System.Runtime.InteropServices;

namespace Estream.Core.Tests;

public sealed class StatusTests
{
    [Fact]
    public void The_default_status_is_ok() => Assert.True(default(Status).IsOk && Status.Ok.IsOk && Status.Ok == default);

    [Fact]
    public void Each_status_code_sets_only_its_own_property()
    {
        foreach (StatusCode code in Enum.GetValues<StatusCode>())
        {
            var status = new Status(code);
            (StatusCode Code, bool Answer)[] questions =
            [
                (StatusCode.Ok, status.IsOk), (StatusCode.Full, status.IsFull), (StatusCode.NotFound, status.IsNotFound),
                (StatusCode.Closed, status.IsClosed), (StatusCode.BackPressured, status.IsBackPressured),
                (StatusCode.Rejected, status.IsRejected),
            ];
            Assert.Equal(code, Assert.Single(questions, q => q.Answer).Code);
            Assert.Equal(code.ToString(), status.ToString());
            Assert.Equal(Enum.GetValues<StatusCode>().Length, questions.Length);
        }
    }

    [Fact]
    public void A_status_fits_in_a_register() => Assert.InRange(Marshal.SizeOf<Status>(), 1, 8);
}

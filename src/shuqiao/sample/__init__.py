"""The sample city: an invented Yingkou with a county, Shenyang and Dongchangfu, built through every app's services.

Nothing here is part of a real installation; the composition root loads it on demand (`shuqiao sample`). Every row is
made by the same business steps a person would take, so it has its events, clocks and inbox lines. What is invented is
marked as such: names of people end in （示例）, firms carry 示例 in their names, identity numbers use an area code that
was never assigned, telephone numbers the unassigned exchange 0000.
"""

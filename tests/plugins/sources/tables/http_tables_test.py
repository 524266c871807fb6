"""The http source: which rows of a table count, and what beside them does."""

import unittest

from http_source import HttpTest


class TableTest(HttpTest):

    def csv(self, text, **config):
        return self.read(text, format="csv", **config)

    def test_rows_are_kept_by_their_cells(self):
        said = self.csv("period,value,flow\n2024,1,X\n2024,2,M\n2024,9,RX\n",
                        where="flow=X|M")
        self.assertEqual(sorted(s["labels"]["flow"]
                                for s in said.series.values()), ["M", "X"])

    def test_rows_that_were_left_out_are_said(self):
        said = self.csv("period,value,flow\n2024,1,X\n2024,9,RX\n",
                        where="flow=X")
        self.assertTrue(any("1 rows left out" in log for log in said.logs))

    def test_a_star_at_an_end_stands_for_any_rest(self):
        said = self.csv("period,value,item\n2024,1,chips new\n2024,9,tools\n",
                        where="item=chips*")
        self.assertEqual(said.values("m", item="chips new"), {"2024": 1})

    def test_a_condition_on_no_column_names_the_nearest(self):
        said = self.csv("period,value,flow\n2024,1,X\n", where="flwo=X")
        self.assert_refused(said, "option where", 'did you mean "flow"')

    def test_a_header_of_two_rows_is_joined(self):
        said = self.csv("period,Exports,Exports\n,chips,tools\n2024,1,2\n",
                        header_rows="2", value_label="good",
                        value_columns="chips=Exports chips,"
                                      "tools=Exports tools")
        self.assertEqual(said.values("m", good="tools"), {"2024": 2})

    def test_years_of_the_republic_of_china_are_converted(self):
        said = self.csv("period,value\n113年8月,1\n113/09,2\n11310,3\n",
                        calendar="roc")
        self.assertEqual(said.values("m"),
                         {"2024-08": 1, "2024-09": 2, "2024-10": 3})

    def test_marks_hold_where_labels_are_listed(self):
        said = self.csv("period,value,area,OBS_STATUS\n2024,1,CN,P\n",
                        labels="area")
        self.assertEqual(said.batches[0]["statuses"], ["PROVISIONAL"])

    def test_a_cell_of_a_text_is_named_by_its_line(self):
        said = self.csv("period,value\n2024,1\n2025,many\n")
        self.assert_refused(said, "line 3", '"many"')


if __name__ == "__main__":
    unittest.main()
